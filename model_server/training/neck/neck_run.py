"""A run of training the neck, and its validation on clips kept apart."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
from torch import Tensor

from model_server.models.loom.correspondence import Correspondence
from model_server.training.neck.neck_step import NeckRecipe, carried, carried_ious, neck_loss
from model_server.training.neck.seen_clips import MovingObjects, passage_of
from model_server.training.parts.part_run import Lessons, PartRun, train_part

VALIDATE_EVERY = 250


def train_neck(clips: MovingObjects, held_out: MovingObjects, recipe: NeckRecipe, run: PartRun) -> dict[str, float]:
    """Train to the recipe's end, from the folder's checkpoint if there is one; returns the last validation."""

    def step_loss(correspondence: Correspondence, random: np.random.Generator) -> tuple[Tensor, dict[str, float]]:
        return neck_loss(correspondence, clips, random)

    lessons = Lessons(
        make=partial(Correspondence, None, recipe.num_channels),
        step_loss=step_loss,
        validate=partial(validate_neck, clips=held_out),
        columns=("carried_iou",),
        num_steps=recipe.num_steps,
        average_decay=recipe.average_decay,
        optimiser=recipe.optimiser,
    )
    return train_part(lessons, run)


@torch.inference_mode()
def validate_neck(correspondence: Correspondence, clips: MovingObjects) -> dict[str, float]:
    """Mean IoU, at stride 4, over all objects of all frames but the first, from which they are carried."""
    ious = list[Tensor]()
    for index in range(len(clips)):
        clip = clips[index]
        passage = passage_of(clip, range(len(clip.pixels)))
        ious.append(carried_ious(carried(correspondence, passage), passage.shares[1:]).flatten())
    return {"carried_iou": torch.cat(ious).mean().item()}
