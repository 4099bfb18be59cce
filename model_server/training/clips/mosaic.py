"""The mosaic transform of SAM 2.1: a clip tiled two by two, with the target in only one tile.

It provides small objects among three identical ones that are not the target.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from model_server.training.clips.clip import ClipBatch

TILES = 2  # along each axis


def with_mosaics(rng: np.random.Generator, batch: ClipBatch, share: float) -> ClipBatch:
    """Turn a share of the clips into mosaics, except images and clips whose targets would become too small."""
    if not share or batch.frames.shape[1] == 1:
        return batch
    frames, masks = batch.frames.clone(), batch.masks.clone()
    for index in range(len(frames)):
        chosen = rng.random() < share
        place, mirrored = int(rng.integers(TILES**2)), rng.random(TILES**2) < 0.5
        if chosen:
            tiled, target = mosaic(frames[index], masks[index], place, mirrored)
            if target[0].flatten(1).any(dim=1).all():
                frames[index], masks[index] = tiled, target
    return ClipBatch(frames, masks)


def mosaic(frames: Tensor, masks: Tensor, place: int, mirrored: np.ndarray) -> tuple[Tensor, Tensor]:
    """(T, 3, S, S) and (T, K, S, S) -> the same shapes; tile `place` has the target; `mirrored` (4,) bool."""
    size = frames.shape[-1] // TILES
    small = functional.interpolate(frames, size=(size, size), mode="bilinear", align_corners=False, antialias=True)
    # Half a pixel is enough: with a higher threshold, thin objects would vanish.
    seen = functional.adaptive_avg_pool2d(masks.float(), size) >= 0.5
    tiled, target = torch.zeros_like(frames), torch.zeros_like(masks)
    for tile in range(TILES**2):
        row, column = divmod(tile, TILES)
        window = (..., slice(row * size, (row + 1) * size), slice(column * size, (column + 1) * size))
        tiled[window] = small.flip(-1) if mirrored[tile] else small
        if tile == place:
            target[window] = seen.flip(-1) if mirrored[tile] else seen
    return tiled, target
