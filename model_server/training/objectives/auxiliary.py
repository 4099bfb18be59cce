"""The loss of a network's auxiliary task, such as masks carried by correspondence."""

from __future__ import annotations

import torch
from torch import Tensor

from model_server.models.sam2.network.extension import AuxiliaryTask
from model_server.training.objectives.losses import MaskLoss, mask_iou


def auxiliary_loss(task: AuxiliaryTask, mask_loss: MaskLoss) -> tuple[Tensor, float]:
    """Scalar loss, the mean over all frames and objects, and the mean IoU of the visible ones."""
    losses: list[Tensor] = []
    ious: list[Tensor] = []
    for logits, target in zip(task.logits, task.targets, strict=True):
        losses.append(mask_loss(logits, target))
        iou = mask_iou(logits.detach(), target)
        ious.append(iou[target.flatten(1).any(dim=1)])
    return torch.cat(losses).mean(), float(torch.cat(ious).mean())
