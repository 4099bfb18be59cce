"""Losses of interactive video segmentation (SAM 2 appendix D.2; weights 20 focal, 1 dice, 1 IoU, 1 object score).

Shapes: B objects, M candidate masks, H x W pixels of the training frame.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor
from torch.nn import functional

FOCAL_WEIGHT, DICE_WEIGHT, IOU_WEIGHT, SCORE_WEIGHT = 20.0, 1.0, 1.0, 1.0
FOCAL_ALPHA, FOCAL_GAMMA = 0.25, 2.0


@dataclass(frozen=True, slots=True)
class StepLoss:
    """Loss of one decoder call, each part a scalar: mean over the objects of the batch, before weighting."""

    focal: Tensor
    dice: Tensor
    iou: Tensor
    score: Tensor

    def total(self) -> Tensor:
        """The weighted sum that is trained on."""
        return FOCAL_WEIGHT * self.focal + DICE_WEIGHT * self.dice + IOU_WEIGHT * self.iou + SCORE_WEIGHT * self.score

    def __add__(self, other: StepLoss) -> StepLoss:
        return StepLoss(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def focal_loss(logits: Tensor, target: Tensor) -> Tensor:
    """(B, M, H, W) logits and (B, 1, H, W) target in {0, 1} -> (B, M), mean over pixels."""
    target = target.to(logits.dtype).expand_as(logits)
    cross_entropy = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    probability = logits.sigmoid()
    miss = probability + target - 2 * probability * target  # 1 - probability of the true class
    balance = FOCAL_ALPHA * target + (1 - FOCAL_ALPHA) * (1 - target)
    return (balance * miss**FOCAL_GAMMA * cross_entropy).mean(dim=(2, 3))


def dice_loss(logits: Tensor, target: Tensor) -> Tensor:
    """(B, M, H, W) logits and (B, 1, H, W) target -> (B, M) in [0, 1], smoothed by one pixel."""
    target = target.to(logits.dtype)
    probability = logits.sigmoid()
    overlap = 2 * (probability * target).sum(dim=(2, 3))
    return 1 - (overlap + 1) / (probability.sum(dim=(2, 3)) + target.sum(dim=(2, 3)) + 1)


@torch.no_grad()
def mask_iou(logits: Tensor, target: Tensor) -> Tensor:
    """(B, M, H, W) logits thresholded at 0 against (B, 1, H, W) -> (B, M); two empty masks give 1."""
    predicted, target = logits > 0, target > 0
    overlap = (predicted & target).sum(dim=(2, 3)).float()
    union = (predicted | target).sum(dim=(2, 3)).float()
    return torch.where(union > 0, overlap / union.clamp(min=1), torch.ones_like(union))


def step_loss(logits: Tensor, predicted_ious: Tensor, object_score: Tensor, target: Tensor) -> StepLoss:
    """Loss of one click step: (B, M, H, W), (B, M), (B, 1) against (B, 1, H, W) bool.

    Of several masks only the one with the lowest 20 focal + dice learns its shape; all learn their IoU. Where the
    object is absent only the object score learns.
    """
    present = target.flatten(1).any(dim=1)
    focal, dice = focal_loss(logits, target), dice_loss(logits, target)
    best = (FOCAL_WEIGHT * focal + DICE_WEIGHT * dice).argmin(dim=1, keepdim=True)
    iou_error = (predicted_ious - mask_iou(logits, target)).abs().mean(dim=1)
    presence = present.to(logits.dtype)
    return StepLoss(
        focal=(focal.gather(1, best)[:, 0] * presence).mean(),
        dice=(dice.gather(1, best)[:, 0] * presence).mean(),
        iou=(iou_error * presence).mean(),
        score=functional.binary_cross_entropy_with_logits(object_score[:, 0], presence),
    )
