"""The clicks of the evaluation protocol (SAM 2, section 6.1): the object's centre, then that of the largest error."""

from __future__ import annotations

from model_server.masks.middle import middle
from model_server.segmenter import Click, Mask


def first_click(truth: Mask) -> Click:
    """A positive click at the pixel of the (H, W) mask farthest from its boundary. ValueError for an empty mask."""
    x, y, _ = middle(truth)
    return Click(x, y, positive=True)


def next_click(truth: Mask, predicted: Mask) -> Click | None:
    """A click at the centre of the larger error region: positive if missing, negative if excess. None without error.

    The larger region is the one that extends farther from its boundary. Masks are (H, W), clicks (x, y) in pixels.
    """
    missing, excess = truth & ~predicted, predicted & ~truth
    if not missing.any() and not excess.any():
        return None
    middle_missing = middle(missing) if missing.any() else (0.0, 0.0, 0.0)
    middle_excess = middle(excess) if excess.any() else (0.0, 0.0, 0.0)
    positive = middle_missing[2] > middle_excess[2]
    x, y, _ = middle_missing if positive else middle_excess
    return Click(x, y, positive=positive)
