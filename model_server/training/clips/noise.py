"""Smooth random fields, the raw material of textures, outlines and deformations."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional


def smooth_field(rng: np.random.Generator, size: int, *, cells: int, channels: int = 1) -> np.ndarray:
    """(channels, size, size) float32 with about zero mean and unit range, varying over `size / cells` pixels."""
    grid = rng.standard_normal((1, channels, cells + 2, cells + 2)).astype(np.float32)
    field = functional.interpolate(torch.as_tensor(grid), size=(size, size), mode="bicubic", align_corners=True)
    return field[0].numpy()


def octaves(rng: np.random.Generator, size: int, *, coarsest: int, num: int, decay: float) -> np.ndarray:
    """(size, size) float32 sum of `num` octaves, each twice as fine and `decay` times as strong."""
    total = np.zeros((size, size), np.float32)
    for octave in range(num):
        cells = min(coarsest * 2**octave, size // 2)
        total += decay**octave * smooth_field(rng, size, cells=cells)[0]
    return total / (np.abs(total).max() + 1e-6)


def plane(size: int) -> tuple[np.ndarray, np.ndarray]:
    """x and y, each (size, size) float32 in [-1, 1]."""
    axis = np.linspace(-1, 1, size, dtype=np.float32)
    x, y = np.meshgrid(axis, axis)
    return x, y
