"""Cuts out a rough mask along the colours and edges of the image: GrabCut (Rother et al. 2004), by OpenCV.

OpenCV is imported on first use; without it, as on a machine for training only, masks are left as they are.
"""

from __future__ import annotations

from functools import cache
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

BoolMask = NDArray[np.bool_]

ROUNDS = 2
"""Number of iterations; each estimates the colours of object and background, then the cut between them."""
LEAST_PIXELS = 8
"""Fewest pixels of object and of background from which their colours can be estimated."""


def cut_out(rgb: NDArray[np.uint8], start: BoolMask, inside: BoolMask, outside: BoolMask) -> BoolMask:
    """(H, W, 3) uint8 and (H, W) bool -> (H, W) bool, the mask that fits the image best, starting from `start`.

    Pixels of `inside` and `outside` are fixed. Deterministic: the same input always gives the same mask.
    """
    opencv = _opencv()
    unsure = ~inside & ~outside
    object_pixels, other_pixels = inside | (start & unsure), outside | (~start & unsure)
    if opencv is None or min(object_pixels.sum(), other_pixels.sum()) < LEAST_PIXELS:
        return object_pixels
    labels: NDArray[np.uint8] = np.where(start, int(opencv.GC_PR_FGD), int(opencv.GC_PR_BGD)).astype(np.uint8)
    labels[inside], labels[outside] = opencv.GC_FGD, opencv.GC_BGD
    opencv.setRNGSeed(0)
    colours, other_colours = np.zeros((1, 65)), np.zeros((1, 65))
    image = np.ascontiguousarray(rgb[..., ::-1])
    opencv.grabCut(image, labels, None, colours, other_colours, ROUNDS, opencv.GC_INIT_WITH_MASK)
    return (labels == opencv.GC_FGD) | (labels == opencv.GC_PR_FGD)


@cache
def _opencv() -> ModuleType | None:
    try:
        import cv2
    except ImportError:
        return None
    return cv2
