"""A run of training the outline, and its validation on clips kept apart."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
from torch import Tensor

from model_server.models.loom.correspondence import Correspondence
from model_server.models.loom.trunk.outline import Outline
from model_server.training.neck.neck_step import carried_ious
from model_server.training.neck.seen_clips import MovingObjects
from model_server.training.outline.outline_step import OutlineRecipe, carried_masks, drawn, outline_loss
from model_server.training.parts.part_run import Lessons, PartRun, train_part

VALIDATE_EVERY = 200


def train_outline(
    neck: Correspondence, clips: MovingObjects, held_out: MovingObjects, recipe: OutlineRecipe, run: PartRun
) -> dict[str, float]:
    """Train to the recipe's end, from the folder's checkpoint if there is one; returns the last validation."""

    def step_loss(outline: Outline, random: np.random.Generator) -> tuple[Tensor, dict[str, float]]:
        return outline_loss(outline, neck, clips, random)

    lessons = Lessons(
        make=partial(Outline, neck.num_channels),
        step_loss=step_loss,
        validate=partial(validate_outline, neck=neck, clips=held_out),
        columns=("drawn_iou",),
        num_steps=recipe.num_steps,
        average_decay=recipe.average_decay,
        optimiser=recipe.optimiser,
    )
    return train_part(lessons, run)


@torch.inference_mode()
def validate_outline(outline: Outline, neck: Correspondence, clips: MovingObjects) -> dict[str, float]:
    """Mean IoU, by pixels, over all objects of all frames but the first, from which they are carried."""
    ious = list[Tensor]()
    for index in range(len(clips)):
        clip = clips[index]
        masks = carried_masks(neck, clip, range(len(clip.pixels)))
        ious.append(carried_ious(drawn(outline, masks), masks.objects).flatten())
    return {"drawn_iou": torch.cat(ious).mean().item()}
