"""Frames and short clips of real videos, from a file that `python -m model_server.footage` writes.

The file is an npz of uint8 arrays under any names: (H, W, 3) is a frame, (H, W, 3 + L) a frame with L label images,
(T, H, W, 3 + L) consecutive frames. In a label image every value but 0 is a region that may pass for an object; in a
clip a value stands for the same region throughout. Other arrays are ignored.

Shapes: P pixels of a square crop, R regions.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

SMALLEST_REGION, LARGEST_REGION = 0.004, 0.5  # of the crop
OBJECTS_SHARE = 0.4  # of the frames are drawn from those with whole objects, in the first layer
OBJECTS_WEIGHT = 4.0  # odds of a region of that layer against the others


class RealFrames:
    """A source of backgrounds, surfaces, cut-outs and regions. Raises ValueError for a file without a frame."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as archive:
            arrays = [array for array in (archive[name] for name in archive.files) if array.dtype == np.uint8]
        self.stills = [array for array in arrays if array.ndim == 3 and array.shape[2] >= 3]
        self.labelled = [array for array in self.stills if (_shares(array[..., 3:]) > SMALLEST_REGION).any()]
        self.clips = [array for array in arrays if array.ndim == 4 and array.shape[3] > 3]
        self._with_objects = [array for array in self.labelled if array[..., 3].any()]
        if not self.stills:
            raise ValueError(f"{path} holds no uint8 RGB frame of shape (H, W, 3)")

    def crop(self, rng: np.random.Generator, size: int, *, smallest: float) -> np.ndarray:
        """(3, P, P) float32 RGB in [0, 1]: a random window of at least `smallest` of the shorter side."""
        frame = self.stills[int(rng.integers(len(self.stills)))]
        return _rgb(_window(rng, frame[None, ..., :3], smallest), size)[0]

    def regions(self, rng: np.random.Generator, size: int, *, smallest: float, count: int) -> np.ndarray:
        """(1, 3 + R, P, P) as `crop`, followed by the masks of up to `count` regions in it."""
        frame = self._labelled_frame(rng)
        return _with_regions(rng, _window(rng, frame[None], smallest), size, count)

    def clip(self, rng: np.random.Generator, size: int, *, num_frames: int, count: int) -> np.ndarray:
        """(num_frames, 3 + R, P, P) with real motion, forwards or backwards; clips that are too short reverse."""
        frames = self.clips[int(rng.integers(len(self.clips)))]
        there_and_back = [*range(len(frames)), *range(len(frames) - 2, 0, -1)]
        start = int(rng.integers(len(there_and_back)))
        order = [there_and_back[(start + i) % len(there_and_back)] for i in range(num_frames)]
        return _with_regions(rng, _window(rng, frames[order], 0.5), size, count)

    def cutout(self, rng: np.random.Generator, size: int) -> np.ndarray:
        """(4, P, P) float32: one region with its coverage, filling the square."""
        frame = self._labelled_frame(rng)
        share = _shares(frame[..., 3:])
        layers, values = np.nonzero(share > SMALLEST_REGION)
        i = rng.choice(len(layers), p=_weights(layers))
        return _flipped(rng, _square_around(frame[..., :3], frame[..., 3 + layers[i]] == values[i], size))

    def _labelled_frame(self, rng: np.random.Generator) -> np.ndarray:
        whole = self._with_objects and rng.random() < OBJECTS_SHARE
        frames = self._with_objects if whole else self.labelled
        return frames[int(rng.integers(len(frames)))]


def _shares(layers: np.ndarray) -> np.ndarray:
    """(H, W, L) uint8 -> (L, 256) share of the pixels with each value of each layer; 0 for value 0."""
    counts = np.zeros((layers.shape[2], 256))
    for i in range(len(counts)):
        counts[i] = np.bincount(layers[..., i].ravel(), minlength=256)
    counts[:, 0] = 0
    return counts / (layers.shape[0] * layers.shape[1])


def _weights(layers: np.ndarray, share: np.ndarray | float = 1.0) -> np.ndarray:
    """Probabilities of regions: by the square root of their size, with more weight on whole objects."""
    weights = np.sqrt(share) * np.where(layers == 0, OBJECTS_WEIGHT, 1.0)
    return weights / weights.sum()


def _square_around(rgb: np.ndarray, mask: np.ndarray, size: int) -> np.ndarray:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    side = max(int(np.ptp(rows)), int(np.ptp(columns))) + 4
    top, left = (int(r.mean()) - side // 2 + side for r in (rows, columns))
    window = np.s_[top : top + side, left : left + side]
    box = np.pad(rgb, ((side, side), (side, side), (0, 0)), mode="edge")[window]
    outside = np.pad(mask, side)[window].astype(np.uint8) * 255
    return _rgb(np.dstack([box, outside])[None], size)[0]


def _with_regions(rng: np.random.Generator, window: np.ndarray, size: int, count: int) -> np.ndarray:
    """(T, H, W, 3 + L) -> (T, 3 + R, P, P): RGB and the masks of some regions of its first frame."""
    nearest = (np.arange(size) + 0.5) / size
    rows, columns = ((nearest * length).astype(int) for length in window.shape[1:3])
    labels = window[:, rows][:, :, columns, 3:]
    share = _shares(labels[0])
    layers, values = np.nonzero((share > SMALLEST_REGION) & (share < LARGEST_REGION))
    rgb = _rgb(window[..., :3], size)
    if not len(layers):
        return rgb
    weights = _weights(layers, share[layers, values])
    chosen = rng.choice(len(layers), min(count, len(layers)), replace=False, p=weights)
    masks = [(labels[..., layers[i]] == values[i]).astype(np.float32) for i in chosen]
    return np.concatenate([rgb, np.stack(masks, axis=1)], axis=1)


def _window(rng: np.random.Generator, frames: np.ndarray, smallest: float) -> np.ndarray:
    """(T, H, W, C) -> the same random window of every frame."""
    rows, columns = int(frames.shape[1]), int(frames.shape[2])
    side = int(min(rows, columns) * rng.uniform(smallest, 1.0))
    # Any aspect ratio: the network stretches every video to a square.
    height, width = (min(int(side * rng.uniform(1.0, 1.8)), limit) for limit in (rows, columns))
    top = int(rng.integers(rows - height + 1))
    left = int(rng.integers(columns - width + 1))
    return _flipped_columns(rng, frames[:, top : top + height, left : left + width])


def _rgb(window: np.ndarray, size: int) -> np.ndarray:
    """(T, H, W, C) uint8 -> (T, C, P, P) float32 in [0, 1]."""
    tensor = torch.as_tensor(np.ascontiguousarray(window)).permute(0, 3, 1, 2).float() / 255
    resized = functional.interpolate(tensor, size=(size, size), mode="bilinear", align_corners=False, antialias=True)
    return resized.numpy()


def _flipped_columns(rng: np.random.Generator, frames: np.ndarray) -> np.ndarray:
    return frames[:, :, ::-1] if rng.random() < 0.5 else frames


def _flipped(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image[:, :, ::-1] if rng.random() < 0.5 else image)
