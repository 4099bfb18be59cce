"""Where a mask is thickest: the pixel farthest from its boundary. Masks are (H, W) bool, distances in pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def middle(mask: NDArray[np.bool_]) -> tuple[float, float, float]:
    """x, y and distance in pixels of the pixel farthest from the outside; the image border counts as outside."""
    if not mask.any():
        raise ValueError("an empty mask has no middle")
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    crop = np.pad(mask[top : rows[-1] + 1, left : columns[-1] + 1], 1)
    distance = distance_inside(crop)
    y, x = np.unravel_index(int(distance.argmax()), distance.shape)
    return float(left + x - 1), float(top + y - 1), float(distance[y, x])


def distance_inside(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(H, W) bool -> (H, W) Euclidean distance in pixels to the nearest pixel outside the mask; 0 outside it."""
    height, width = mask.shape
    vertical = np.zeros((height, width))
    for row in range(height):  # distance upwards
        vertical[row] = np.where(mask[row], (vertical[row - 1] if row else np.inf) + 1, 0)
    for row in range(height - 2, -1, -1):  # and downwards
        vertical[row] = np.minimum(vertical[row], vertical[row + 1] + 1)
    squared = vertical**2
    near = squared.copy()
    for offset in range(1, width):  # and sideways, until nothing so far away could be nearer
        if offset**2 >= squared.max():
            break
        squared[:, offset:] = np.minimum(squared[:, offset:], near[:, :-offset] + offset**2)
        squared[:, :-offset] = np.minimum(squared[:, :-offset], near[:, offset:] + offset**2)
    return np.sqrt(squared)
