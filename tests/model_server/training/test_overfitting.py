"""One clip learned by heart: the whole path from the training loop through weights on disk to a tracking session."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model_server.evaluation.vos import score_masks, track_object
from model_server.models.registry import build
from model_server.models.sam2.checkpoints import checkpoint
from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.network.normalisation import normalise
from model_server.models.sam2.network.sam2 import Sam2
from model_server.training.checkpoints import averaged_network
from model_server.training.clips.clip import ClipBatch
from model_server.training.clips.generator import ClipGenerator, ClipShape
from model_server.training.loop import RunSettings, train
from model_server.training.objectives.losses import HALF_BALANCED
from model_server.training.optimiser import OptimiserSettings
from model_server.training.recipes.stage import Stage
from model_server.training.start.initialisation import initialise, standardise

SIDE = 128
SHAPE = ClipShape(batch_size=1, num_frames=4, num_targets=1, size=SIDE)
CONFIG = replace(PRESETS["mini"], name="by-heart", image_size=SIDE, dropout=0.0)


@dataclass(frozen=True)
class OneClip:
    """A batch maker that knows one clip, and the same clip as a video."""

    batch: ClipBatch
    num_frames: int = SHAPE.num_frames
    height: int = SIDE
    width: int = SIDE

    def make(self, number: int, shard: int) -> ClipBatch:
        return self.batch

    def rgb(self, frame_index: int) -> NDArray[np.uint8]:
        return (self.batch.frames[0, frame_index].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)

    def truths(self) -> dict[int, NDArray[np.bool_]]:
        return {index: self.batch.masks[0, index, 0].numpy() for index in range(self.num_frames)}


def a_clip(seed: int = 0) -> OneClip:
    """A generated clip whose object stays in sight."""
    generator = ClipGenerator(seed=seed, num_surfaces=4)
    for step in range(200):
        batch = generator.batch(step, SHAPE)
        shares = batch.masks[0, :, 0].float().mean(dim=(1, 2))
        if shares.min() > 0.05 and shares.max() < 0.4:
            return OneClip(batch)
    raise AssertionError("no such clip")


def learned(clip: OneClip, folder: Path, num_steps: int) -> Path:
    """The file of weights that training on one clip alone leaves."""
    torch.manual_seed(0)
    network = Sam2(CONFIG)
    initialise(network)
    standardise(network, normalise(clip.batch.frames[0]))
    stage = Stage(
        name="by heart",
        num_steps=num_steps,
        images=SHAPE,
        clips=SHAPE,
        clip_share=1.0,
        max_corrections=0,
        mask_share=1.0,
        mask_loss=HALF_BALANCED,
        optimiser=OptimiserSettings(learning_rate=2e-3, warmup_steps=10, final_rate=0.05),
        average_decay=0.9,
    )
    settings = RunSettings(folder, report_every=50, save_every=1000, validate_every=0)
    train(network, stage, settings, maker=clip)
    checkpoint.save(averaged_network(folder), folder / "by-heart.safetensors", card="", metrics={})
    return folder / "by-heart.safetensors"


def j_and_f(clip: OneClip, weights: Path) -> float:
    tracking = track_object(build(str(weights), "cpu"), clip, "object", clip.truths(), "mask")
    return 100 * score_masks(clip.truths(), tracking.masks).j_and_f


@pytest.mark.slow  # a minute; test_training_loop.py has one image learned by heart in seconds
def test_a_clip_learned_by_heart_is_tracked_above_95(tmp_path: Path) -> None:
    clip = a_clip()
    assert j_and_f(clip, learned(clip, tmp_path, num_steps=100)) > 95
