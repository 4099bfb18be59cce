"""Masks as COCO run lengths: checked before they are decoded, and stored in one canonical form."""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from pycocotools import mask as coco

from backend.annotation.record.problems import BadMask
from model_server.contract.masks import EncodedMask

_LONGEST_NUMBER = 7  # characters of 5 bits: far beyond any run length, and well within 64 bits


@dataclass(frozen=True, slots=True)
class CheckedMask:
    """A full-frame mask: COCO compressed counts, area in pixels, and bounding box (x, y, width, height)."""

    counts: bytes
    area: int
    box: tuple[int, int, int, int] | None


def checked_mask(mask: EncodedMask, *, height: int, width: int) -> CheckedMask:
    """Check a mask from a client and bring it to canonical form.

    Raises:
        BadMask: its size is not the video's, it is malformed, or its runs do not fill the frame exactly.
    """
    if tuple(mask.size) != (height, width):
        raise BadMask(f"The mask is {mask.size[1]} x {mask.size[0]}, the video {width} x {height}.")
    return checked_runs(_runs(mask.counts), height=height, width=width)


def checked_runs(runs: np.ndarray, *, height: int, width: int) -> CheckedMask:
    """The mask of (N,) int64 run lengths down the columns, zeros first, in canonical form.

    Raises:
        BadMask: they do not fill the frame exactly.
    """
    if (runs < 0).any() or int(runs.sum()) != height * width:
        raise BadMask("The runs of the mask do not fill the frame exactly.")
    # pycocotools reads counts without bounds checks, so only verified runs may reach it.
    return measured(_encoded(_canonical(runs), height=height, width=width), height=height, width=width)


def painted_mask(pixels: np.ndarray) -> CheckedMask:
    """The mask of these pixels, bool (height, width)."""
    height, width = pixels.shape
    encoded: Any = coco.encode(np.asfortranarray(pixels.astype(np.uint8)))
    return measured(encoded["counts"], height=height, width=width)


def measured(counts: bytes, *, height: int, width: int) -> CheckedMask:
    """Well-formed counts with their area and bounding box. The counts are not checked."""
    encoded: Any = {"size": [height, width], "counts": counts}
    area = int(coco.area(encoded))
    if area == 0:
        return CheckedMask(counts, 0, None)
    x, y, box_width, box_height = (int(value) for value in coco.toBbox(encoded))
    return CheckedMask(counts, area, (x, y, box_width, box_height))


def empty_mask(*, height: int, width: int) -> CheckedMask:
    """The mask of an object that is absent from the frame."""
    return CheckedMask(_encoded(np.array([height * width]), height=height, width=width), 0, None)


def _canonical(runs: np.ndarray) -> np.ndarray:
    """Runs as an encoder of pixels would find them: none is empty but the first, if the first pixel is set.

    It works on runs, because a large frame has far fewer of them than pixels.
    """
    kept = np.flatnonzero(runs)
    is_set = kept & 1
    beginnings = np.flatnonzero(np.diff(is_set, prepend=-1))
    merged = np.add.reduceat(runs[kept], beginnings)
    return np.concatenate(([0], merged)) if is_set[0] else merged


def _encoded(runs: np.ndarray, *, height: int, width: int) -> bytes:
    """(N,) run lengths that fill the frame, zeros first -> COCO compressed counts."""
    uncompressed: Any = {"size": [height, width], "counts": runs.tolist()}
    counts: str | bytes = cast(Any, coco).frPyObjects(uncompressed, height, width)["counts"]
    return counts.encode() if isinstance(counts, str) else counts


def _runs(counts: str) -> np.ndarray:
    """Decode COCO compressed counts to (N,) int64 run lengths, zeros first.

    Each character holds 5 bits; its sixth bit means that the number continues. From the fourth number on, each is the
    difference from the number two before it.
    """
    characters = np.frombuffer(counts.encode("ascii", "replace"), np.uint8).astype(np.int64) - 48
    if characters.size == 0 or (characters < 0).any() or (characters > 63).any():
        raise BadMask("The mask holds characters that no run-length encoding has.")
    last = (characters & 32) == 0
    if not last[-1]:
        raise BadMask("The mask ends in the middle of a number.")
    ends = np.flatnonzero(last)
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts + 1
    if lengths.max() > _LONGEST_NUMBER:
        raise BadMask("The mask holds a number that is too long.")
    positions = np.arange(characters.size) - np.repeat(starts, lengths)
    numbers = np.add.reduceat((characters & 31) << (5 * positions), starts)
    numbers -= np.where(characters[ends] & 16, np.int64(1) << (5 * lengths), 0)
    numbers[1::2] = np.cumsum(numbers[1::2])
    numbers[2::2] = np.cumsum(numbers[2::2])
    return numbers
