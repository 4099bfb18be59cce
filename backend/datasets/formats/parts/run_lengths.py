"""Stored masks as arrays and boxes. COCO's run lengths go down the columns, and begin with background."""

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from backend.datasets.formats.format import ExportedMask, ExportedVideo


class RunLengths(TypedDict):
    """As JSON has them: `size` is [height, width], and `counts` is text. pycocotools has bytes as well."""

    size: list[int]
    counts: str | bytes


def rle_of(mask: ExportedMask, video: ExportedVideo) -> RunLengths:
    """The mask's run lengths for JSON."""
    return {"size": [video.height, video.width], "counts": mask.counts.decode("ascii")}


def pixels_of(mask: ExportedMask, video: ExportedVideo) -> NDArray[np.bool_]:
    """bool (height, width)."""
    return coco.decode(rle_of(mask, video)).astype(bool)


def box_of(mask: ExportedMask, video: ExportedVideo) -> list[int]:
    """The smallest box around it, as [x, y, width, height]; a single pixel is 1 wide."""
    return [round(side) for side in coco.toBbox(rle_of(mask, video)).tolist()]
