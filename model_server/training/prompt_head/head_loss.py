"""What an answer of the head is scored by: shape of the masks, and predicted IoU.

Shapes: B prompts, M = 4 masks, H x W cells of stride 4.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from model_server.models.loom.prompt_head.u_net import HeadAnswer
from model_server.training.objectives.losses import dice_loss, mask_iou

BEST, ALL, PLAIN = 0.85, 0.15, 0.5
"""After a single click: weights of the best candidate, of the mean candidate, and of the mask of clear prompts."""
IOU_WEIGHT = 5.0
COVERED = 0.5
"""Least share of a cell that the object covers, for the cell to count as the object's."""


def head_loss(answer: HeadAnswer, targets: Tensor, *, is_ambiguous: bool) -> tuple[Tensor, dict[str, float]]:
    """The loss against (B, 1, H, W) shares of the cells, and its parts by column.

    A single click is ambiguous: the best of its three candidates is taught most, and all of them are judged. Everything
    else is answered by mask 0.
    """
    shapes = shape_losses(answer.masks, targets)
    ious = true_ious(answer.masks, targets)
    judged = (answer.ious - ious).square()
    if is_ambiguous:
        shape = BEST * shapes[:, 1:].amin(dim=1) + ALL * shapes[:, 1:].mean(dim=1) + PLAIN * shapes[:, 0]
        judgement, reached = judged[:, 1:].mean(dim=1), ious[:, 1:].amax(dim=1)
    else:
        shape, judgement, reached = shapes[:, 0], judged[:, 0], ious[:, 0]
    total = (shape + IOU_WEIGHT * judgement).mean()
    column = "best_of_three_iou" if is_ambiguous else "prompted_iou"
    row = {"mask": shape.mean().item(), "iou": judgement.mean().item(), column: reached.mean().item()}
    return total, row


def shape_losses(masks: Tensor, targets: Tensor) -> Tensor:
    """(B, M, H, W) logits and (B, 1, H, W) shares -> (B, M): cross-entropy, small objects weighing more, and dice."""
    each = functional.binary_cross_entropy_with_logits(masks, targets.expand_as(masks), reduction="none")
    weight = 1 / (2 * targets.mean(dim=(2, 3)) + 0.05)
    return each.mean(dim=(2, 3)) * weight + dice_loss(masks, targets)


def true_ious(masks: Tensor, targets: Tensor) -> Tensor:
    """(B, M, H, W) logits and (B, 1, H, W) shares -> (B, M)."""
    return mask_iou(masks, targets >= COVERED)
