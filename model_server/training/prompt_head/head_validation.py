"""Validation of the head on pictures kept apart, with fixed prompts, so that the steps of a run can be compared."""

from __future__ import annotations

import numpy as np
import torch

from model_server.masks.judged import Judged, rank_correlation
from model_server.models.loom.prompt_head.u_net import PromptHead
from model_server.segmenter import FramePrompt
from model_server.training.prompt_head.asked_objects import AskedObjects, look_at
from model_server.training.prompt_head.head_loss import true_ious
from model_server.training.prompt_head.head_step import (
    AskedPrompts,
    answer_to,
    answered,
    carried,
    handed_back,
    masks_of,
    nothing_before,
    taken,
)
from model_server.training.prompt_head.pictures import PictureFolder
from model_server.training.prompt_head.simulated_person import corrected, exact_box, middle_click

MOST_PICTURES = 120
NUM_CORRECTIONS = 2


@torch.inference_mode()
def validate_head(head: PromptHead, pictures: PictureFolder) -> dict[str, float]:
    """Mean IoU, at stride 4, over all objects of the first pictures, by protocol.

    One click in the middle, answered by the candidate the head thinks best and by the one that is; two corrections of
    that; the exact box; a damaged mask, and one correction of it. `rank_correlation` is that of predicted and true IoU
    after one and three clicks.
    """
    rows: dict[str, list[float]] = {}
    judged = list[Judged]()
    for index in range(min(len(pictures), MOST_PICTURES)):
        picture = pictures[index]
        image = look_at([picture])
        for truth in picture.objects:
            row, predicted = _asked(head, AskedObjects(image, truth[None]), len(judged))
            for name, value in row.items():
                rows.setdefault(name, []).append(value)
            judged += map(Judged, (row["one_click_iou"], row["three_click_iou"]), predicted)
    means = {name: float(np.mean(values)) for name, values in rows.items()}
    return {**means, "rank_correlation": rank_correlation(judged)}


def _asked(head: PromptHead, one: AskedObjects, number: int) -> tuple[dict[str, float], list[float]]:
    """IoU of one object by protocol; its predicted IoU after one and three clicks. `number` makes random numbers."""
    truth, targets, nothing = one.truths[0], one.targets, nothing_before(one)
    random = np.random.default_rng(number)  # for damages, and for corrections of a perfect mask
    prompt = FramePrompt((middle_click(truth),))
    answer = answer_to(head, one, [prompt], nothing)
    ious = true_ious(answer.masks, targets)[0, 1:]
    believed = int(answer.ious[0, 1:].argmax())
    judged, before = [float(answer.ious[0, 1 + believed])], handed_back(taken(answer, is_ambiguous=True) > 0)
    for _ in range(NUM_CORRECTIONS):
        prompt = corrected(prompt, truth, masks_of(before)[0], random, careless=0)
        answer = answer_to(head, one, [prompt], before)
        before = handed_back(taken(answer, is_ambiguous=False) > 0)
    judged.append(float(answer.ious[0, 0]))
    boxed = answer_to(head, one, [FramePrompt(box=exact_box(truth))], nothing)
    there = carried(one, random)
    touched = AskedPrompts([corrected(None, truth, masks_of(there)[0], random, careless=0)], there, is_ambiguous=False)
    row = {
        "one_click_iou": float(ious[believed]),
        "best_of_three_iou": float(ious.max()),
        "three_click_iou": float(true_ious(before, targets)),
        "box_iou": float(true_ious(boxed.masks[:, :1], targets)),
        "carried_iou": float(true_ious(there, targets)),
        "corrected_iou": float(true_ious(answered(head, one, touched), targets)),
    }
    return row, judged
