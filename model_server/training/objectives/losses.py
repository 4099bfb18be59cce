"""Losses of interactive video segmentation (SAM 2 appendix D.2; weights 20 focal, 1 dice, 1 IoU, 1 object score).

Shapes: B objects, M candidate masks, H x W pixels of the training frame.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor
from torch.nn import functional

IOU_WEIGHT, SCORE_WEIGHT = 1.0, 1.0


@dataclass(frozen=True, slots=True)
class MaskLoss:
    """How the shape of a mask is scored; the defaults are the paper's."""

    focal_weight: float = 20.0
    dice_weight: float = 1.0
    alpha: float = 0.25  # share of the focal loss that object pixels carry
    gamma: float = 2.0  # 0 makes the focal loss a plain cross-entropy
    stride: int = 2  # pixels of the frame per pixel of the scored mask; finer ones are only interpolated
    spread: float = 0.0  # weight of the mean over several masks against the best of them; 0 in the paper

    def __call__(self, logits: Tensor, target: Tensor) -> Tensor:
        """(B, M, H, W) logits and (B, 1, H, W) target -> (B, M)."""
        focal = focal_loss(logits, target, alpha=self.alpha, gamma=self.gamma)
        return self.focal_weight * focal + self.dice_weight * dice_loss(logits, target)


PAPER = MaskLoss()
BALANCED = MaskLoss(focal_weight=2.0, alpha=0.9, gamma=0.0)
"""Ours, for training from scratch: under the paper's weights all masks become empty first and stay so for long."""
HALF_BALANCED = MaskLoss(focal_weight=2.0, dice_weight=3.0, alpha=0.8, gamma=0.0)
"""Ours. Dice dominates: where the network is unsure, a whole mask is better than a small one."""


@dataclass(frozen=True, slots=True)
class StepLoss:
    """Loss of one decoder call, each part a scalar: mean over the objects of the batch."""

    mask: Tensor  # already weighted
    iou: Tensor
    score: Tensor

    def total(self) -> Tensor:
        """The weighted sum of the parts."""
        return self.mask + IOU_WEIGHT * self.iou + SCORE_WEIGHT * self.score

    def __add__(self, other: StepLoss) -> StepLoss:
        return StepLoss(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def focal_loss(logits: Tensor, target: Tensor, *, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """(B, M, H, W) logits and (B, 1, H, W) target in {0, 1} -> (B, M), mean over pixels (Lin et al. 2017)."""
    target = target.to(logits.dtype).expand_as(logits)
    cross_entropy = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    probability = logits.sigmoid()
    miss = probability + target - 2 * probability * target  # 1 - probability of the true class
    balance = alpha * target + (1 - alpha) * (1 - target)
    hardness = miss**gamma if gamma else 1.0
    return (balance * hardness * cross_entropy).mean(dim=(2, 3))


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


@dataclass(frozen=True, slots=True)
class Answer:
    """The decoder's answer in one click step; M is 3 if the prompt is ambiguous, else 1."""

    logits: Tensor  # (B, M, H, W)
    predicted_ious: Tensor  # (B, M)
    object_score: Tensor  # (B, 1)


def step_loss(answer: Answer, target: Tensor, mask_loss: MaskLoss) -> StepLoss:
    """Loss of one click step against (B, 1, H, W) bool.

    Of several masks, the one with the lowest mask loss is supervised (the others by `mask_loss.spread`); the IoU of all
    is. If the object is absent, only the object score is.
    """
    present = target.flatten(1).any(dim=1).to(answer.logits.dtype)
    shapes = mask_loss(answer.logits, target)
    shape = torch.lerp(shapes.amin(dim=1), shapes.mean(dim=1), mask_loss.spread)
    iou_error = (answer.predicted_ious - mask_iou(answer.logits, target)).abs().mean(dim=1)
    return StepLoss(
        mask=(shape * present).mean(),
        iou=(iou_error * present).mean(),
        score=functional.binary_cross_entropy_with_logits(answer.object_score[:, 0], present),
    )
