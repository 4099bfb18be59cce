"""The clicks of the evaluation protocol (SAM 2, section 6.1): the object's centre, then that of the largest error."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model_server.segmenter import Click, Mask


def first_click(truth: Mask) -> Click:
    """A positive click at the pixel of the (H, W) mask farthest from its boundary. ValueError for an empty mask."""
    x, y, _ = _middle(truth)
    return Click(x, y, positive=True)


def next_click(truth: Mask, predicted: Mask) -> Click | None:
    """A click at the centre of the larger error region: positive if missing, negative if excess. None without error.

    The larger region is the one that extends farther from its boundary. Masks are (H, W), clicks (x, y) in pixels.
    """
    missing, excess = truth & ~predicted, predicted & ~truth
    if not missing.any() and not excess.any():
        return None
    middle_missing = _middle(missing) if missing.any() else (0.0, 0.0, 0.0)
    middle_excess = _middle(excess) if excess.any() else (0.0, 0.0, 0.0)
    positive = middle_missing[2] > middle_excess[2]
    x, y, _ = middle_missing if positive else middle_excess
    return Click(x, y, positive=positive)


def _middle(mask: Mask) -> tuple[float, float, float]:
    """x, y and distance in pixels of the pixel farthest from the outside; the image border counts as outside."""
    if not mask.any():
        raise ValueError("an empty mask has no middle")
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    crop = np.pad(mask[top : rows[-1] + 1, left : columns[-1] + 1], 1)
    distance = distance_inside(crop)
    y, x = np.unravel_index(int(distance.argmax()), distance.shape)
    return float(left + x - 1), float(top + y - 1), float(distance[y, x])


def distance_inside(mask: Mask) -> NDArray[np.float64]:
    """(H, W) bool -> (H, W) Euclidean distance in pixels to the nearest pixel outside the mask; 0 outside it."""
    height, width = mask.shape
    vertical = np.zeros((height, width))
    for row in range(height):  # distance upwards
        vertical[row] = np.where(mask[row], (vertical[row - 1] if row else np.inf) + 1, 0)
    for row in range(height - 2, -1, -1):  # and downwards
        vertical[row] = np.minimum(vertical[row], vertical[row + 1] + 1)
    columns = np.arange(int(width))
    offsets = np.square(columns[:, None] - columns[None, :])
    squared: list[NDArray[np.float64]] = [(offsets + line[None, :] ** 2).min(axis=1) for line in vertical]
    return np.sqrt(np.stack(squared))
