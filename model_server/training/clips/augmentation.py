"""Augmentation of annotated clips (SAM 2 appendix D.2).

One affine warp and one colour jitter for a whole clip, and a smaller jitter per frame. Clips are mirrored when they are
cropped.

Shapes: T frames, P pixels of the square frame. Colours are RGB in [0, 1].
"""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

TURN, SHEAR = 25.0, 20.0  # degrees at most, in either direction
FILL = 0.45  # outside the warped frame: about the mean of all images, to avoid a visible edge
CLIP_LIGHT, FRAME_LIGHT = (0.1, 0.03, 0.03), (0.1, 0.05, 0.05)  # brightness, contrast, saturation
GREY_SHARE = 0.05
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)[:, None, None]


def warp(rng: np.random.Generator, pixels: np.ndarray) -> np.ndarray:
    """Rotate and shear (T, 3 + L, P, P) pixels about the centre, all frames and layers alike."""
    turn, across, down = np.radians(rng.uniform([-TURN, -SHEAR, -SHEAR], [TURN, SHEAR, SHEAR]))
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = turned @ np.array([[1, np.tan(across)], [np.tan(down), 1]])
    matrix /= np.sqrt(abs(np.linalg.det(matrix)))  # keep areas
    theta = torch.as_tensor(np.hstack([matrix, np.zeros((2, 1))]).astype(np.float32))
    grid = functional.affine_grid(theta.expand(len(pixels), 2, 3), list(pixels.shape), align_corners=False)
    source = torch.as_tensor(np.ascontiguousarray(pixels)).clone()
    source[:, :3] -= FILL
    warped = functional.grid_sample(source, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    warped[:, :3] += FILL
    return warped.numpy()


def relight(rng: np.random.Generator, frames: np.ndarray) -> np.ndarray:
    """Jitter the colours of (T, 3, P, P) frames: once for the clip, slightly per frame; rarely make them grey."""
    frames = _jittered(rng, frames, CLIP_LIGHT)
    if rng.random() < GREY_SHARE:
        frames = np.repeat(_grey(frames), 3, axis=1)
    return np.concatenate([_jittered(rng, frame[None], FRAME_LIGHT) for frame in frames])


def _jittered(rng: np.random.Generator, frames: np.ndarray, strengths: tuple[float, float, float]) -> np.ndarray:
    brightness, contrast, saturation = (np.float32(rng.uniform(1 - s, 1 + s)) for s in strengths)
    frames = frames * brightness
    middle = _grey(frames).mean(axis=(1, 2, 3), keepdims=True)
    frames = (frames - middle) * contrast + middle
    grey = _grey(frames)
    return np.clip((frames - grey) * saturation + grey, 0, 1).astype(np.float32)


def _grey(frames: np.ndarray) -> np.ndarray:
    return (frames * _LUMA).sum(axis=1, keepdims=True)
