"""Clips of annotated videos, from a file that `maskloom train tune` writes.

The file is an npz of uint8 arrays (T, H, W, 3 + L): consecutive annotated frames of one video, RGB, then one layer for
each masklet, nonzero where the object is. Masklets may overlap. An array `NAME` may be accompanied by `NAME.edited`:
the number of frames on which people corrected each of its L masklets, or -1 if unknown. Each batch is a function of
(seed, step).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from model_server.training.clips.augmentation import relight, warp
from model_server.training.clips.clip import Clip, ClipBatch
from model_server.training.clips.generator import ClipShape

SMALLEST_TARGET, LARGEST_TARGET = 0.001, 0.9  # of the first frame of a clip
SMALLEST_WINDOW = 0.55  # of either side
EDITED = ".edited"
_ATTEMPTS = 50


class AnnotatedClips:
    """Makes batches from a file of annotated clips: cropped, mirrored, warped, relit, in either direction of time."""

    def __init__(self, path: Path, *, seed: int, most_edited: float = 1.0) -> None:
        """`most_edited` is the share of masklets to keep, among those with a known count: the most corrected ones.

        Raises ValueError for a file without an annotated clip.
        """
        with np.load(path) as archive:
            arrays = {name: archive[name] for name in archive.files}
        clips = {name: array for name, array in arrays.items() if array.ndim == 4 and array.shape[3] > 3}
        edited = {name: arrays[name + EDITED] for name in clips if name + EDITED in arrays}
        if most_edited < 1 and edited:
            clips = {name: _hardest(clip, edited, name, most_edited) for name, clip in clips.items()}
        self._clips = [clip for clip in clips.values() if clip[..., 3:].any()]
        if not self._clips:
            raise ValueError(f"{path} holds no annotated clip")
        self._seed = seed

    def batch(self, step: int, shape: ClipShape) -> ClipBatch:
        """The batch of one step. Raises ValueError if no object is large enough on a first frame."""
        rng = np.random.default_rng([self._seed, 5, step])
        return ClipBatch.stack([self._clip(rng, shape) for _ in range(shape.batch_size)])

    def _clip(self, rng: np.random.Generator, shape: ClipShape) -> Clip:
        for _ in range(_ATTEMPTS):
            source = self._clips[int(rng.integers(len(self._clips)))]
            frames = source[_moments(rng, len(source), shape.num_frames)]
            pixels = warp(rng, _resized(_window(rng, frames), shape.size))
            masks = pixels[:, 3:] > 0.5
            share = masks[0].mean(axis=(1, 2))
            usable = np.flatnonzero((share > SMALLEST_TARGET) & (share < LARGEST_TARGET))
            if len(usable):
                chosen = rng.permutation(usable)[: shape.num_targets]
                targets = np.resize(chosen, shape.num_targets)  # too few targets are repeated
                return Clip(frames=relight(rng, pixels[:, :3]), masks=masks[:, targets])
        raise ValueError("the annotated clips show no object large enough to be learned")


def _hardest(clip: np.ndarray, edited: dict[str, np.ndarray], name: str, share: float) -> np.ndarray:
    """A clip with only its most corrected masklets, and those without a count."""
    counts = np.concatenate([each[each >= 0] for each in edited.values()])
    if name not in edited or not len(counts):
        return clip
    bound = np.quantile(counts, 1 - share)
    kept = (edited[name] >= bound) | (edited[name] < 0)
    return clip[..., np.concatenate([[True] * 3, kept])]


def _moments(rng: np.random.Generator, length: int, wanted: int) -> np.ndarray:
    """Indices of `wanted` consecutive frames, forwards or backwards; clips that are too short reverse at the end."""
    there_and_back = np.concatenate([np.arange(length), np.arange(length - 2, 0, -1)])
    start = int(rng.integers(max(1, length - wanted + 1)))
    moments = there_and_back[(start + np.arange(wanted)) % len(there_and_back)]
    return moments[::-1] if rng.random() < 0.5 else moments


def _window(rng: np.random.Generator, frames: np.ndarray) -> np.ndarray:
    """(T, H, W, C) -> the same random window of every frame, mirrored half of the time."""
    rows, columns = int(frames.shape[1]), int(frames.shape[2])
    height, width = (max(1, int(side * rng.uniform(SMALLEST_WINDOW, 1.0))) for side in (rows, columns))
    top = int(rng.integers(rows - height + 1))
    left = int(rng.integers(columns - width + 1))
    window = frames[:, top : top + height, left : left + width]
    return window[:, :, ::-1] if rng.random() < 0.5 else window


def _resized(window: np.ndarray, size: int) -> np.ndarray:
    """(T, H, W, C) uint8 -> (T, C, P, P) float32; colours in [0, 1], layers near 0 or 1."""
    tensor = torch.as_tensor(np.ascontiguousarray(window)).permute(0, 3, 1, 2).float()
    tensor = torch.cat([tensor[:, :3] / 255, (tensor[:, 3:] > 0).float()], dim=1)
    return functional.interpolate(
        tensor, size=(size, size), mode="bilinear", align_corners=False, antialias=True
    ).numpy()
