"""One step of training: some objects, a way of asking for them, and the loss of the answer.

Shapes: B objects, S pixels of a square picture or window.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from model_server.models.loom.prompt_head.drawn_prompts import drawn
from model_server.models.loom.prompt_head.u_net import HeadAnswer, PromptHead
from model_server.models.loom.sight import BEFORE
from model_server.segmenter import FramePrompt
from model_server.training.optimiser import OptimiserSettings
from model_server.training.prompt_head.asked_objects import CELL, AskedObjects, draw_objects, in_windows
from model_server.training.prompt_head.damaged_masks import damaged
from model_server.training.prompt_head.head_loss import head_loss
from model_server.training.prompt_head.pictures import PictureFolder
from model_server.training.prompt_head.simulated_person import corrected, first_click, loose_box

SINGLE_CLICK, CORRECTED_CLICK, CARRIED, CORRECTED_BOX = 0.36, 0.24, 0.24, 0.08
"""Shares of the steps: clicks on a fresh frame, on a mask carried to it, and on a box; the rest are boxes alone."""
MOST_CORRECTIONS = 4
FORGOTTEN = 0.15
"""Share of the corrections that come without the mask they correct."""


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
    before: Tensor  # (B, 1, S / 4, S / 4) the masks that are corrected, as `handed_back`; zero where there are none
    is_ambiguous: bool


def step_loss_of(
    head: PromptHead, pictures: PictureFolder, recipe: HeadRecipe, random: np.random.Generator
) -> tuple[Tensor, dict[str, float]]:
    """The loss of one step, and its metrics by column; a function of the head and of `random`."""
    objects = draw_objects(pictures, recipe.batch_size, random)
    if random.random() < recipe.window_share:
        objects = in_windows(objects, recipe.window_cells, random)
    return objects_loss(head, objects, random)


def objects_loss(
    head: PromptHead, objects: AskedObjects, random: np.random.Generator
) -> tuple[Tensor, dict[str, float]]:
    """As `step_loss_of`, for these objects."""
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
    """Ask for each object with clicks, a box, or clicks on a mask that is there; one kind for all."""
    kind, nothing = random.random(), nothing_before(objects)
    if kind < SINGLE_CLICK:
        return AskedPrompts(_first_clicks(objects, random), nothing, is_ambiguous=True)
    if (kind := kind - SINGLE_CLICK) < CARRIED:
        return corrections(head, objects, AskedPrompts([], carried(objects, random), is_ambiguous=False), random)
    if (kind := kind - CARRIED) < CORRECTED_CLICK:
        first = AskedPrompts(_first_clicks(objects, random), nothing, is_ambiguous=True)
    else:
        boxes = [FramePrompt(box=loose_box(truth, random)) for truth in objects.truths]
        first = AskedPrompts(boxes, nothing, is_ambiguous=False)
    if kind >= CORRECTED_CLICK + CORRECTED_BOX:
        return first
    asked = corrections(head, objects, first, random)
    return replace(asked, before=nothing) if random.random() < FORGOTTEN else asked


def corrections(
    head: PromptHead, objects: AskedObjects, asked: AskedPrompts, random: np.random.Generator
) -> AskedPrompts:
    """Click on what is wrong in the head's answers, several times; without prompts, first in the masks before."""
    for _ in range(int(random.integers(1, MOST_CORRECTIONS + 1))):
        before = answered(head, objects, asked) if asked.prompts else asked.before
        prompts = asked.prompts or [None] * len(objects.truths)
        each = zip(prompts, objects.truths, masks_of(before), strict=True)
        asked = AskedPrompts([corrected(*one, random) for one in each], before, is_ambiguous=False)
    return asked


@torch.no_grad()
def answered(head: PromptHead, objects: AskedObjects, asked: AskedPrompts) -> Tensor:
    """(B, 1, H, W): what the head answers, handed back."""
    answer = answer_to(head, objects, asked.prompts, asked.before)
    return handed_back(taken(answer, is_ambiguous=asked.is_ambiguous) > 0)


def carried(objects: AskedObjects, random: np.random.Generator) -> Tensor:
    """(B, 1, S / 4, S / 4): masks of the objects as carrying leaves them, handed back."""
    masks = [damaged(target[0].numpy() >= 0.5, random) for target in objects.targets]
    return handed_back(torch.as_tensor(np.stack(masks))[:, None])


def handed_back(masks: Tensor) -> Tensor:
    """(B, 1, H, W) masks as the head gets them back: sides of a boundary, not how sure it was; so do people's masks."""
    return torch.where(masks, BEFORE, -BEFORE)


def _first_clicks(objects: AskedObjects, random: np.random.Generator) -> list[FramePrompt]:
    return [FramePrompt((first_click(truth, random),)) for truth in objects.truths]


def taken(answer: HeadAnswer, *, is_ambiguous: bool) -> Tensor:
    """(B, 1, H, W): the candidate with the highest predicted IoU for a single click, else mask 0."""
    chosen = 1 + answer.ious[:, 1:].argmax(dim=1) if is_ambiguous else torch.zeros(len(answer.ious), dtype=torch.long)
    return answer.masks[torch.arange(len(chosen)), chosen][:, None]


def masks_of(logits: Tensor) -> NDArray[np.bool_]:
    """(B, 1, H, W) logits -> (B, 4 H, 4 W) masks in pixels."""
    return functional.interpolate(logits, scale_factor=CELL, mode="bilinear")[:, 0].gt(0).numpy()
