"""Simulates a camera: exposure, colour, blur, noise, compression."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional


def photograph(rng: np.random.Generator, frames: np.ndarray) -> np.ndarray:
    """Film (T, 3, H, W) frames in [0, 1]: one look for the clip, with small changes of exposure per frame."""
    num_frames, size = len(frames), int(frames.shape[2])
    gain = rng.uniform(0.7, 1.3) * (1 + rng.uniform(0, 0.08) * np.cumsum(rng.standard_normal(num_frames)) / 2)
    balance = rng.uniform(0.88, 1.12, (1, 3, 1, 1))
    frames = frames * (np.clip(gain, 0.4, 1.6)[:, None, None, None] * balance).astype(np.float32)
    contrast = np.float32(rng.uniform(0.7, 1.25))
    frames = (frames - 0.45) * contrast + 0.45
    if rng.random() < 0.08:
        frames = np.repeat(frames.mean(axis=1, keepdims=True), 3, axis=1)
    if rng.random() < 0.6:
        frames = _soften(frames, size, rng.uniform(1.2, 2.5))
    if rng.random() < 0.7:
        strength = 10 ** rng.uniform(-2.5, -1.2)
        frames = frames + strength * rng.standard_normal(frames.shape, dtype=np.float32)
    return np.clip(frames, 0, 1).astype(np.float32)


def _soften(frames: np.ndarray, size: int, factor: float) -> np.ndarray:
    """Lose detail as defocus, motion and compression do, by going through a smaller size."""
    tensor = torch.as_tensor(np.ascontiguousarray(frames, dtype=np.float32))
    small = functional.interpolate(tensor, size=(int(size / factor),) * 2, mode="bilinear", align_corners=False)
    return functional.interpolate(small, size=(size, size), mode="bicubic", align_corners=False).numpy()
