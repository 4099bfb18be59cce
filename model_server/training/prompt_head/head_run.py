"""A run of training the head."""

from __future__ import annotations

from functools import partial

import numpy as np
from torch import Tensor

from model_server.models.loom.prompt_head.u_net import PromptHead
from model_server.training.parts.part_run import Lessons, PartRun, train_part
from model_server.training.prompt_head.head_step import HeadRecipe, step_loss_of
from model_server.training.prompt_head.head_validation import validate_head
from model_server.training.prompt_head.pictures import PictureFolder

COLUMNS = ("mask", "iou", "best_of_three_iou", "prompted_iou")
VALIDATE_EVERY = 400


def train_head(pictures: PictureFolder, held_out: PictureFolder, recipe: HeadRecipe, run: PartRun) -> dict[str, float]:
    """Train to the recipe's end, from the folder's checkpoint if there is one; returns the last validation."""

    def step_loss(head: PromptHead, random: np.random.Generator) -> tuple[Tensor, dict[str, float]]:
        return step_loss_of(head, pictures, recipe, random)

    lessons = Lessons(
        make=PromptHead,
        step_loss=step_loss,
        validate=partial(validate_head, pictures=held_out),
        columns=COLUMNS,
        num_steps=recipe.num_steps,
        average_decay=recipe.average_decay,
        optimiser=recipe.optimiser,
    )
    return train_part(lessons, run)
