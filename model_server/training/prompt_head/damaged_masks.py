"""Masks as carrying leaves them: parts of the object lost, parts of what is beside it taken along.

Shapes: (h, w) cells of a picture or window.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from model_server.masks.middle import distance_inside
from model_server.segmenter import Mask

DAMAGE = (0.05, 0.5)
"""How far a boundary is moved, in sides of a square with the object's area; one standard deviation."""
EXTENT = (0.3, 1.5)
"""How far along the boundary it is moved the same way, in the same unit."""


def damaged(truth: Mask, random: np.random.Generator) -> Mask:
    """Move the boundary of an (h, w) mask in and out by smooth noise; as it is if nothing of it would be left."""
    side = float(truth.sum()) ** 0.5
    depth = distance_inside(truth) - distance_inside(~truth)
    moved = depth + side * random.uniform(*DAMAGE) * _smooth(truth.shape, side * random.uniform(*EXTENT), random) > 0
    return moved if moved.any() else truth


def _smooth(size: tuple[int, ...], extent: float, random: np.random.Generator) -> NDArray[np.float64]:
    """(h, w) noise of unit variance or a little less, alike over about `extent` cells."""
    knots = [min(length, max(2, round(length / max(extent, 1.0)) + 1)) for length in size]
    noise = torch.as_tensor(random.normal(size=knots))[None, None]
    return functional.interpolate(noise, size=size, mode="bicubic", align_corners=True)[0, 0].numpy()
