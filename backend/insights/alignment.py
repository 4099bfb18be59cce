"""How well a masklet agrees with its phase-1 twin, of the same object (SAM 2, section 5.1). Pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pycocotools import mask as coco

ALIGNED_IOU = 0.75
SMALL_AREA, LARGE_AREA = 32 * 32, 96 * 96


class Size(StrEnum):
    """A class of objects by area in the first frame where they are visible, in pixels of the video of record."""

    small = "small"
    medium = "medium"
    large = "large"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Counts over the grid frames that both masklets know. Frames on which both are empty are not compared."""

    num_compared: int  # at least one of the two is visible
    num_aligned: int  # compared frames with IoU above 0.75
    num_known: int
    num_same_presence: int  # both visible or both empty
    size: Size | None


@dataclass(frozen=True, slots=True)
class StoredMask:
    """A current mask as stored: COCO compressed counts, and the area in pixels."""

    counts: bytes
    area: int


def size_of(area: int | None) -> Size | None:
    if area is None:
        return None
    if area < SMALL_AREA:
        return Size.small
    return Size.medium if area < LARGE_AREA else Size.large


def agreement(
    masks: Mapping[int, StoredMask], twin: Mapping[int, StoredMask], *, height: int, width: int, size: Size | None
) -> Agreement:
    """Compare two masklets frame by frame. Masks are given by frame index."""
    known = sorted(masks.keys() & twin.keys())
    visible = [index for index in known if masks[index].area or twin[index].area]
    same = sum((masks[index].area > 0) == (twin[index].area > 0) for index in known)
    aligned = sum(_iou(masks[index], twin[index], height, width) > ALIGNED_IOU for index in visible)
    return Agreement(len(visible), aligned, len(known), same, size)


def _iou(mask: StoredMask, twin: StoredMask, height: int, width: int) -> float:
    if not mask.area or not twin.area:
        return 0.0
    return float(coco.iou([_rle(mask, height, width)], [_rle(twin, height, width)], [0])[0][0])


def _rle(mask: StoredMask, height: int, width: int) -> Any:
    return {"size": [height, width], "counts": mask.counts}
