"""Cutting a rough mask out along what the image shows: GrabCut (Rother et al. 2004) by OpenCV.

OpenCV is loaded when it is first needed; where it is missing, as on a bare training machine, masks stay as they were.
"""

from __future__ import annotations

from functools import cache
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

BoolMask = NDArray[np.bool_]

ROUNDS = 2
"""Colours of object and background, and the cut between them, are estimated so many times in turn."""
LEAST_PIXELS = 8
"""Fewer pixels of object or background have no colours to speak of."""


def cut_out(rgb: NDArray[np.uint8], start: BoolMask, inside: BoolMask, outside: BoolMask) -> BoolMask:
    """(H, W, 3) uint8 and (H, W) bool -> the mask whose colours and edges fit the image best, beginning with `start`.

    Pixels that are known to be inside or outside stay there. The same input gives the same mask.
    """
    opencv = _opencv()
    unsure = ~inside & ~outside
    object_pixels, other_pixels = inside | (start & unsure), outside | (~start & unsure)
    if opencv is None or min(object_pixels.sum(), other_pixels.sum()) < LEAST_PIXELS:
        return object_pixels
    labels = np.where(start, opencv.GC_PR_FGD, opencv.GC_PR_BGD).astype(np.uint8)
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
