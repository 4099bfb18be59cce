"""Cuts a rough mask out along the colours and edges of the image: GrabCut (Rother et al. 2004) by OpenCV.

OpenCV is loaded when it is first needed; where it is missing, as on a bare training machine, masks stay as they are.
"""

from __future__ import annotations

from functools import cache
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

BoolMask = NDArray[np.bool_]

ROUNDS = 2
"""How many times the colours of object and background, and the cut between them, are estimated in turn."""
LEAST_PIXELS = 8
"""Pixels of object and of background that a cut needs at least, to know their colours."""


def cut_out(rgb: NDArray[np.uint8], start: BoolMask, inside: BoolMask, outside: BoolMask) -> BoolMask:
    """(H, W, 3) uint8 and (H, W) bool -> the mask whose colours and edges fit the image best, beginning with `start`.

    Pixels known to be inside or outside stay there. The same input always gives the same mask.
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
