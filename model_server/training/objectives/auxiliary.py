"""Scores what a network predicts besides the decoder's masks."""

from __future__ import annotations

import torch
from torch import Tensor

from model_server.models.sam2.network.extension import AuxiliaryTask
from model_server.training.objectives.losses import MaskLoss, mask_iou


def auxiliary_loss(task: AuxiliaryTask, mask_loss: MaskLoss) -> tuple[Tensor, float]:
    """Scalar: mean over all frames and objects; and the mean IoU of those in sight."""
    losses: list[Tensor] = []
    ious: list[Tensor] = []
    for logits, target in zip(task.logits, task.targets, strict=True):
        losses.append(mask_loss(logits, target))
        iou = mask_iou(logits.detach(), target)
        ious.append(iou[target.flatten(1).any(dim=1)])
    return torch.cat(losses).mean(), float(torch.cat(ious).mean())
