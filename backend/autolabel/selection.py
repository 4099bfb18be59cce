"""The choice of key frames to search, and of the found masks that become masklets."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from pycocotools import mask as coco

from backend.autolabel.schemas import AutoLabelingCreate
from backend.videos.ready_video import ReadyVideo
from model_server.contract.search import FoundMask

_SAME = 0.5
"""A mask whose IoU with a masklet's mask, or with a better new one, is higher is the same object."""
_COVERED = 0.5
"""After the first frame, a mask with a larger share inside existing masklets is not new."""


def key_frames(video: ReadyVideo, options: AutoLabelingCreate) -> list[int]:
    """The first frame, then frames of the annotation grid about every `every_seconds`."""
    if options.every_seconds is None:
        return [0]
    between = Fraction(options.every_seconds) * video.fps
    step = max(round(between / video.stride), 1) * video.stride
    return list(range(0, video.num_frames, step))


def choose(
    found: Sequence[FoundMask], known: Sequence[bytes], options: AutoLabelingCreate, *, first: bool, at_most: int
) -> list[FoundMask]:
    """Choose at most `at_most` masks, best first, that neither a masklet has already nor duplicate each other.

    `known` are the COCO counts of the masklets' masks on the frame; `first` tells whether it is the first frame.
    """
    if not found:
        return []
    size = list(found[0].mask.size)
    there = [_rle(counts, size) for counts in known]
    union: list[Any] = [coco.merge(there)] if there else []
    chosen: list[FoundMask] = []
    taken: list[Any] = []
    for mask in found:
        own = [_rle(mask.mask.counts.encode(), size)]
        if len(chosen) == at_most:
            break
        if not options.min_area <= mask.area / (size[0] * size[1]) <= options.max_area:
            continue
        if _overlap(own, there + taken) > _SAME:
            continue
        if not first and union and _largest(coco.iou(own, union, [1])) > _COVERED:
            continue
        chosen.append(mask)
        taken += own
    return chosen


def _overlap(own: list[Any], others: list[Any]) -> float:
    """The largest IoU."""
    return _largest(coco.iou(own, others, [0] * len(others))) if others else 0.0


def _largest(shares: Any) -> float:
    return float(shares.max())


def _rle(counts: bytes, size: list[int]) -> Any:
    return {"size": size, "counts": counts}
