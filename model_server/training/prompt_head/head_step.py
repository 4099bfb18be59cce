"""One step of training: some objects, a way of asking for them, and the loss of the answer.

Shapes: B objects, S pixels of a square picture or window.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from model_server.models.loom.prompt_head.drawn_prompts import drawn
from model_server.models.loom.prompt_head.u_net import HeadAnswer, PromptHead
from model_server.segmenter import FramePrompt
from model_server.training.optimiser import OptimiserSettings
from model_server.training.prompt_head.asked_objects import CELL, AskedObjects, draw_objects, in_windows
from model_server.training.prompt_head.head_loss import head_loss
from model_server.training.prompt_head.pictures import PictureFolder
from model_server.training.prompt_head.simulated_person import corrected, first_click, loose_box

SINGLE_CLICK, CORRECTED_CLICK, CORRECTED_BOX = 0.42, 0.33, 0.12
"""Shares of the steps; the others are boxes alone."""
MOST_CORRECTIONS = 4
FORGOTTEN = 0.15
"""Share of the corrections that come without the mask they correct."""
SUREST = 10.0
"""Logits of the mask that is corrected are clamped to this."""


@dataclass(frozen=True, slots=True)
class HeadRecipe:
    """How the head is trained."""

    num_steps: int = 4000
    batch_size: int = 6
    window_cells: int = 64
    window_share: float = 0.7  # of the steps look at windows of the pictures
    average_decay: float = 0.998
    optimiser: OptimiserSettings = field(
        default_factory=lambda: OptimiserSettings(
            learning_rate=1.5e-3, weight_decay=0.02, warmup_steps=100, final_rate=0.03
        )
    )


@dataclass(frozen=True, slots=True)
class AskedPrompts:
    """How a step asks for its objects."""

    prompts: list[FramePrompt]
    before: Tensor  # (B, 1, S / 4, S / 4) logits of the masks that are corrected; zero where there are none
    is_ambiguous: bool


def step_loss_of(
    head: PromptHead, pictures: PictureFolder, recipe: HeadRecipe, random: np.random.Generator
) -> tuple[Tensor, dict[str, float]]:
    """The loss of one step, and its metrics by column; a function of the head and of `random`."""
    objects = draw_objects(pictures, recipe.batch_size, random)
    if random.random() < recipe.window_share:
        objects = in_windows(objects, recipe.window_cells, random)
    asked = ask(head, objects, random)
    answer = answer_to(head, objects, asked.prompts, asked.before)
    return head_loss(answer, objects.targets, is_ambiguous=asked.is_ambiguous)


def answer_to(head: PromptHead, objects: AskedObjects, prompts: list[FramePrompt], before: Tensor) -> HeadAnswer:
    """The head's answer; `before` as in AskedPrompts."""
    return head(objects.images, drawn(prompts, objects.truths.shape[1:], before))


def nothing_before(objects: AskedObjects) -> Tensor:
    """(B, 1, S / 4, S / 4) zeros: no mask is corrected."""
    side = objects.truths.shape[1] // CELL
    return torch.zeros(len(objects.truths), 1, side, side)


def ask(head: PromptHead, objects: AskedObjects, random: np.random.Generator) -> AskedPrompts:
    """A click or a box on each object, then perhaps corrections of what the head answered; one kind for all."""
    kind, nothing = random.random(), nothing_before(objects)
    clicks = kind < SINGLE_CLICK + CORRECTED_CLICK
    if clicks:
        prompts = [FramePrompt((first_click(truth, random),)) for truth in objects.truths]
    else:
        prompts = [FramePrompt(box=loose_box(truth, random)) for truth in objects.truths]
    if kind < SINGLE_CLICK:
        return AskedPrompts(prompts, nothing, is_ambiguous=True)
    if kind >= SINGLE_CLICK + CORRECTED_CLICK + CORRECTED_BOX:
        return AskedPrompts(prompts, nothing, is_ambiguous=False)
    before = nothing
    for number in range(int(random.integers(1, MOST_CORRECTIONS + 1))):
        with torch.no_grad():
            answer = answer_to(head, objects, prompts, before)
        before = taken(answer, is_ambiguous=clicks and number == 0).clamp(-SUREST, SUREST)
        answered = zip(prompts, objects.truths, masks_of(before), strict=True)
        prompts = [corrected(prompt, truth, mask, random) for prompt, truth, mask in answered]
    return AskedPrompts(prompts, nothing if random.random() < FORGOTTEN else before, is_ambiguous=False)


def taken(answer: HeadAnswer, *, is_ambiguous: bool) -> Tensor:
    """(B, 1, H, W): the candidate with the highest predicted IoU for a single click, else mask 0."""
    chosen = 1 + answer.ious[:, 1:].argmax(dim=1) if is_ambiguous else torch.zeros(len(answer.ious), dtype=torch.long)
    return answer.masks[torch.arange(len(chosen)), chosen][:, None]


def masks_of(logits: Tensor) -> NDArray[np.bool_]:
    """(B, 1, H, W) logits -> (B, 4 H, 4 W) masks in pixels."""
    return functional.interpolate(logits, scale_factor=CELL, mode="bilinear")[:, 0].gt(0).numpy()
