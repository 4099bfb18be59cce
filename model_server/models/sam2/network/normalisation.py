"""Normalises images by the channel statistics of ImageNet, as in the released training."""

from __future__ import annotations

import torch
from torch import Tensor

RGB_MEAN = (0.485, 0.456, 0.406)
RGB_DEVIATION = (0.229, 0.224, 0.225)


def normalise(frames: Tensor) -> Tensor:
    """(..., 3, H, W) RGB in 0..1 -> the same shape, with roughly zero mean and unit deviation per channel."""
    mean, deviation = _statistics(frames.device)
    return (frames - mean) / deviation


def shown(normalised: Tensor) -> Tensor:
    """The (..., 3, H, W) RGB in 0..255 of normalised frames, in float32."""
    mean, deviation = _statistics(normalised.device)
    return (normalised.float() * deviation + mean) * 255


def _statistics(device: torch.device) -> tuple[Tensor, Tensor]:
    mean, deviation = (torch.tensor(v, device=device)[:, None, None] for v in (RGB_MEAN, RGB_DEVIATION))
    return mean, deviation
