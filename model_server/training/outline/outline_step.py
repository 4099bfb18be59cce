"""One step of training: masks that the neck carried are drawn by their pixels, and compared.

Shapes: N frames, K objects, S pixels of a side, H = W = S / 4 cells.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from model_server.models.loom.correspondence import Correspondence
from model_server.models.loom.trunk.outline import Outline, drawn_by
from model_server.training.neck.neck_step import TOLD, carried, carried_ious, carried_loss, frames_of_step
from model_server.training.neck.seen_clips import MovingObjects, Passage, passage_of
from model_server.training.optimiser import OptimiserSettings
from model_server.training.parts.seen_folder import Seen

STEEPNESS = 8.0
"""Logits for a share of 1; a share of 1/2 is a logit of 0."""


@dataclass(frozen=True, slots=True)
class OutlineRecipe:
    """How the outline is trained."""

    num_steps: int = 600
    average_decay: float = 0.98
    optimiser: OptimiserSettings = field(
        default_factory=lambda: OptimiserSettings(
            learning_rate=2e-3, weight_decay=0.01, warmup_steps=30, final_rate=0.03, second_moment=0.999
        )
    )


@dataclass(frozen=True, slots=True)
class CarriedMasks:
    """What a neck made of all frames of a passage but the first, and the truth."""

    pixels: Tensor  # (N, 3, S, S) RGB in 0..255
    cells: Tensor  # (N, M, H, W) descriptors
    shares: Tensor  # (N, K, H, W) as they were carried
    objects: Tensor  # (N, K, S, S) zeros and ones


def outline_loss(
    outline: Outline, neck: Correspondence, clips: MovingObjects, random: np.random.Generator
) -> tuple[Tensor, dict[str, float]]:
    """The loss of one step, and its metrics by column; a function of the weights and of `random`."""
    clip = clips[int(random.integers(len(clips)))]
    frames = frames_of_step(len(clip.pixels), random)
    told = {frame for frame in range(len(frames)) if random.random() < TOLD}
    masks = carried_masks(neck, clip, frames, told=told)
    return masks_loss(outline, masks)


def masks_loss(outline: Outline, masks: CarriedMasks) -> tuple[Tensor, dict[str, float]]:
    """As `outline_loss`, of these masks."""
    logits = drawn(outline, masks)
    loss = carried_loss(logits, masks.objects).mean()
    return loss, {"drawn_iou": carried_ious(logits, masks.objects).mean().item()}


def carried_masks(
    neck: Correspondence, clip: Seen, frames: Sequence[int], *, told: Collection[int] = ()
) -> CarriedMasks:
    """Carry all objects of a clip through these frames; the neck itself is not trained."""
    chosen = list(frames)
    objects = torch.as_tensor(clip.objects[:, chosen]).transpose(0, 1).float()
    return passage_masks(neck, passage_of(clip, frames), clip.pixels[chosen].float(), objects, told=told)


@torch.no_grad()
def passage_masks(
    neck: Correspondence, passage: Passage, pixels: Tensor, objects: Tensor, *, told: Collection[int] = ()
) -> CarriedMasks:
    """Carry all objects through a passage, of which `pixels` and `objects` have all frames."""
    shares = carried(neck, passage, told=told).sigmoid()
    return CarriedMasks(pixels[1:], neck.describe(passage.levels)[1:], shares, objects[1:])


def drawn(outline: Outline, masks: CarriedMasks) -> Tensor:
    """(N, K, S, S) logits of the masks as the outline draws them."""
    return (drawn_by(outline(masks.pixels, masks.cells), masks.shares) - 0.5) * STEEPNESS
