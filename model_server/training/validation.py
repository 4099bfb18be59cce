"""Validation on held-out generated clips, with fixed prompts so that the steps of a run can be compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from model_server.models.sam2.network.normalisation import normalise
from model_server.models.sam2.network.sam2 import Sam2
from model_server.training.clips.generator import ClipGenerator, ClipShape
from model_server.training.prompts import PromptPlan
from model_server.training.rollout import Annotator

IMAGES = ClipShape(batch_size=16, num_frames=1, num_targets=2, size=256)
CLIPS = ClipShape(batch_size=2, num_frames=8, num_targets=2, size=256)
NUM_CLIP_BATCHES = 4
PLANS = {
    "one_click_iou": PromptPlan("click", (0,), (), 0),
    "three_click_iou": PromptPlan("click", (0,), (0,), 2),
    "box_iou": PromptPlan("box", (0,), (), 0),
}
CORRECTION = PromptPlan("mask", (0,), (CLIPS.num_frames - 1,), 3)


@torch.inference_mode()
def validate(network: Sam2, generator: ClipGenerator) -> dict[str, float]:
    """Mean IoU by protocol: one click, three clicks, a box; tracked frames, and the last one after three corrections.

    Also the accuracy of predicted presence. `generator` must have a seed other than that of training. The network is
    left in training mode.
    """
    network.eval()
    device = next(network.parameters()).device
    results: dict[str, float] = {}
    images = generator.batch(0, IMAGES).to(device)
    for name, plan in PLANS.items():
        results[name] = Annotator(network, images, plan, seed=0).play().prompted_iou
    tracked, corrected, presence = list[float](), list[float](), list[float]()
    for index in range(NUM_CLIP_BATCHES):
        clips = generator.batch(1 + index, CLIPS).to(device)
        clips = replace(clips, features=network.encode_image(normalise(clips.frames.flatten(0, 1))))
        rollout = Annotator(network, clips, PromptPlan("mask", (0,), (), 0), seed=0).play()
        tracked.append(rollout.tracked_iou)
        presence.append(rollout.presence_accuracy)
        corrected.append(Annotator(network, clips, CORRECTION, seed=0).play().prompted_iou)
    results["tracked_iou"] = float(np.nanmean(tracked))
    results["corrected_iou"] = float(np.nanmean(corrected))
    results["presence_accuracy"] = float(np.mean(presence))
    network.train()
    return results
