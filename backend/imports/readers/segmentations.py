"""Masks in JSON as COCO has them: run lengths, compressed or not, and polygons."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from pycocotools import mask as coco

from backend.annotation.record.masks import CheckedMask, checked_mask, checked_runs
from backend.annotation.record.problems import BadMask
from backend.imports.content.json_values import list_in, number_of, object_in
from backend.imports.problems import UnreadableDataset
from model_server.contract.masks import EncodedMask

_BOX_TOLERANCE = 2.0  # pixels, of boxes that were rounded or of outlines
_MAX_ROUNDS = 200  # times the frame's half perimeter that an outline may be long, or its run lengths need gigabytes


def mask_in(segmentation: Any, size: tuple[int, int], *, place: str, box: Any = None) -> CheckedMask:
    """The mask that a value of JSON means on a frame of `size` (height, width).

    `box` is COCO's [x, y, width, height] of it, if there is one: run lengths that go along rows, as in other formats,
    fill the frame as well, but lie somewhere else.

    Raises:
        UnreadableDataset: it is none, or not of this frame. It begins with the place.
    """
    try:
        if (polygons := list_in(segmentation)) is not None:
            return _outlined(polygons, size)
        mask = _run_lengths(segmentation, size)
    except BadMask as problem:
        raise UnreadableDataset(f"{place}: {problem.detail}") from None
    told = [side for each in list_in(box) or [] if (side := number_of(each)) is not None]
    if len(told) == 4 and mask.box is not None and not _fits(mask.box, told) and _fits(_along_rows(mask, size), told):
        raise UnreadableDataset(f"{place}: the mask's run lengths go along rows; COCO's go down columns.")
    return mask


def _run_lengths(segmentation: Any, size: tuple[int, int]) -> CheckedMask:
    height, width = size
    encoded = object_in(segmentation)
    if encoded is None or not {"size", "counts"} <= encoded.keys():
        raise BadMask("There is no mask: neither run lengths with size and counts, nor polygons.")
    told, counts = encoded["size"], encoded["counts"]
    if told != [height, width]:
        swapped = " Its size may be [width, height]; it should be [height, width]." if told == [width, height] else ""
        raise BadMask(f"The mask's size is {told!r:.60}, the frame's [{height}, {width}].{swapped}")
    if isinstance(counts, str) and counts:
        return checked_mask(EncodedMask.model_construct(size=size, counts=counts), height=height, width=width)
    runs = [run for run in list_in(counts) or [] if type(run) is int]
    if runs and len(runs) == len(counts):
        if min(runs) < 0 or sum(runs) != height * width:
            raise BadMask(f"The mask's runs sum to {sum(runs)}, and the frame has {height * width} pixels.")
        return checked_runs(np.array(runs, np.int64), height=height, width=width)
    raise BadMask("The mask's counts are neither text nor a list of whole numbers.")


def _outlined(polygons: list[Any], size: tuple[int, int]) -> CheckedMask:
    """The union of polygons, as pycocotools fills them."""
    height, width = size
    outlines = [_outline(polygon, size) for polygon in polygons]
    if not outlines:
        raise BadMask("The mask has no polygon.")
    merged: Any = coco.merge(cast(Any, coco).frPyObjects(outlines, height, width))
    counts: bytes = merged["counts"]
    return checked_mask(
        EncodedMask.model_construct(size=size, counts=counts.decode("ascii")), height=height, width=width
    )


def _outline(polygon: Any, size: tuple[int, int]) -> list[float]:
    numbers = [number for each in list_in(polygon) or [] if (number := number_of(each)) is not None]
    if len(numbers) < 6 or len(numbers) % 2 or len(numbers) != len(polygon):
        raise BadMask("A polygon needs at least three points, each with x and y as numbers.")
    points = np.array(numbers, np.float64).reshape(-1, 2)
    height, width = size
    inside = (points >= (-width, -height)).all() and (points <= (2 * width, 2 * height)).all()
    if not inside:
        raise BadMask(f"A polygon lies outside the frame, which is {width} x {height}.")
    length = float(np.abs(np.diff(points, axis=0, append=points[:1])).sum())
    if length > _MAX_ROUNDS * (width + height):
        raise BadMask("A polygon's outline is too long for the frame.")
    return points.ravel().tolist()


def _fits(mine: tuple[int, int, int, int] | None, told: Sequence[float]) -> bool:
    if mine is None:
        return False
    corners = [(x, y, x + width, y + height) for x, y, width, height in (mine, told)]
    return all(abs(one - other) <= _BOX_TOLERANCE for one, other in zip(*corners, strict=True))


def _along_rows(mask: CheckedMask, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """The box of the mask if its run lengths were meant to go along rows."""
    encoded: Any = {"size": list(size), "counts": mask.counts}
    rows, columns = np.nonzero(coco.decode(encoded).ravel(order="F").reshape(size))
    left, top = int(columns.min()), int(rows.min())
    return left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1
