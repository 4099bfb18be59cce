"""One step of training: masks are carried through some frames of a clip, as tracking carries them, and compared.

Shapes: N frames, K objects, M channels, H x W cells of stride 4.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from model_server.models.loom.correspondence import Correspondence
from model_server.training.neck.seen_clips import MovingObjects, Passage, passage_of
from model_server.training.objectives.losses import dice_loss, mask_iou
from model_server.training.optimiser import OptimiserSettings

NUM_FRAMES = 4
"""Frames of a step."""
APART = 0.5
"""Share of the steps whose later frames are any of the clip's, in order; in the others the first ones are taken."""
TOLD = 0.4
"""Share of the frames of which later ones are told the truth, instead of what was carried there."""
CROSS_ENTROPY = 0.3
"""Weight of the cross-entropy; that of dice is 1."""
COVERED = 0.5
"""Least share of a cell that the object covers, for the cell to count as the object's."""


@dataclass(frozen=True, slots=True)
class NeckRecipe:
    """How the neck is trained."""

    num_steps: int = 1500
    num_channels: int = 48  # that describe a cell
    average_decay: float = 0.99
    optimiser: OptimiserSettings = field(
        default_factory=lambda: OptimiserSettings(
            learning_rate=3e-3, weight_decay=0.01, warmup_steps=40, final_rate=0.03, second_moment=0.999
        )
    )


def neck_loss(
    correspondence: Correspondence, clips: MovingObjects, random: np.random.Generator
) -> tuple[Tensor, dict[str, float]]:
    """The loss of one step, and its metrics by column; a function of the weights and of `random`."""
    clip = clips[int(random.integers(len(clips)))]
    return passage_loss(correspondence, passage_of(clip, frames_of_step(len(clip.pixels), random)), random)


def passage_loss(
    correspondence: Correspondence, passage: Passage, random: np.random.Generator
) -> tuple[Tensor, dict[str, float]]:
    """As `neck_loss`, of NUM_FRAMES frames."""
    logits = carried(correspondence, passage, told={frame for frame in range(NUM_FRAMES) if random.random() < TOLD})
    truths = passage.shares[1:]
    loss = carried_loss(logits, truths).mean()
    return loss, {"carried_iou": carried_ious(logits, truths).mean().item()}


def carried(correspondence: Correspondence, passage: Passage, *, told: Collection[int] = ()) -> Tensor:
    """(N - 1, K, H, W) logits of all frames but the first, each carried from the first and from the one before it.

    What is said of the first is the truth, and so it is of the frames `told`.
    """
    cells, truths = correspondence.describe(passage.levels), passage.shares
    said, answers = [truths[:1]], list[Tensor]()
    for frame in range(1, len(truths)):
        earlier = [(cells[index : index + 1], said[index]) for index in sorted({0, frame - 1})]
        answers.append(correspondence.carry(cells[frame : frame + 1], earlier))
        said.append(truths[frame : frame + 1] if frame in told else answers[-1].sigmoid())
    return torch.cat(answers)


def carried_loss(logits: Tensor, truths: Tensor) -> Tensor:
    """(N, K, H, W) logits and shares -> (N, K): cross-entropy, small objects weighing more, and dice."""
    each = functional.binary_cross_entropy_with_logits(logits, truths, reduction="none")
    weight = CROSS_ENTROPY / (2 * truths.mean(dim=(2, 3)) + 0.02)
    return each.mean(dim=(2, 3)) * weight + dice_loss(logits, truths)


def carried_ious(logits: Tensor, truths: Tensor) -> Tensor:
    """(N, K, H, W) logits and shares -> (N, K)."""
    return mask_iou(logits, truths >= COVERED)


def frames_of_step(length: int, random: np.random.Generator) -> list[int]:
    """The frames of a step on a clip of this length, from the first on."""
    if random.random() >= APART:
        return list(range(NUM_FRAMES))
    later = random.choice(np.arange(1, length), NUM_FRAMES - 1, replace=False)
    return [0, *sorted(later.tolist())]
