"""Connected components of masks: finding them, filling small holes, dropping small specks.

Two pixels are connected if they touch at a side or a corner (8-connectivity), for components and holes alike, as in the
released predictor. The work is done on runs of pixels within rows rather than on pixels: touching runs of neighbouring
rows are joined in a few array operations, so that the cost grows with the length of the outline.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

BoolMask = NDArray[np.bool_]
IntArray = NDArray[np.int64]
Value = TypeVar("Value", np.bool_, np.int32)


def label(mask: BoolMask) -> tuple[NDArray[np.int32], IntArray]:
    """(H, W) bool -> (H, W) labels, 0 outside and 1, 2, ... by first pixel in reading order, and (N + 1,) areas.

    Areas are in pixels; `areas[0]` is that of the outside.
    """
    runs = _rows_of(mask)
    pieces, areas = _pieces(runs)
    labels = _paint(runs, (pieces + 1).astype(np.int32), mask.shape)
    return labels, np.concatenate(([mask.size - areas.sum()], areas))


def pieces_up_to(mask: BoolMask, max_area: int) -> BoolMask:
    """(H, W) bool -> (H, W) bool: the components of at most `max_area` pixels."""
    runs = _rows_of(mask)
    pieces, areas = _pieces(runs)
    return _paint(runs, areas[pieces] <= max_area, mask.shape)


def fill_holes(mask: BoolMask, *, under: int) -> BoolMask:
    """(H, W) bool -> the mask with holes of fewer than `under` pixels filled, including those at the image border."""
    return mask | pieces_up_to(~mask, under - 1)


def drop_specks(mask: BoolMask, *, under: int) -> BoolMask:
    """(H, W) bool -> the mask without components of fewer than `under` pixels; the largest one always stays."""
    runs = _rows_of(mask)
    pieces, areas = _pieces(runs)
    if areas.size == 0:
        return mask.copy()
    keeps = areas >= under
    keeps[areas.argmax()] = True
    return _paint(runs, keeps[pieces], mask.shape)


def without_specks(mask: BoolMask, *, under: int) -> BoolMask:
    """(H, W) bool -> the mask with holes of fewer than `under` pixels filled, then components of fewer dropped.

    Unlike `drop_specks`, it drops the largest one too if it is small.
    """
    filled = fill_holes(mask, under=under)
    return filled & ~pieces_up_to(filled, under - 1)


@dataclass(frozen=True, slots=True)
class _Runs:
    """Runs of True within rows in reading order, as positions in rows one pixel longer than the mask's."""

    starts: IntArray
    ends: IntArray  # exclusive
    stride: int


def _rows_of(mask: BoolMask) -> _Runs:
    height, width = mask.shape
    stride = width + 1  # the pixel between rows keeps a run from continuing in the next row
    padded = np.zeros(height * stride + 1, np.bool_)
    padded[1:].reshape(height, stride)[:, :width] = mask
    changes = np.flatnonzero(padded[1:] != padded[:-1])
    return _Runs(changes[::2], changes[1::2], stride)


def _pieces(runs: _Runs) -> tuple[IntArray, IntArray]:
    """The component of every run, (R,), and the area of every component, (N,)."""
    upper, lower = _touching(runs)
    roots = np.arange(runs.starts.size)
    while True:
        one, other = roots[upper], roots[lower]
        apart = one != other
        if not apart.any():
            break
        upper, lower, one, other = upper[apart], lower[apart], one[apart], other[apart]
        np.minimum.at(roots, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(nearer := roots[roots], roots):
            roots = nearer
    _, pieces = np.unique(roots, return_inverse=True)
    areas = np.bincount(pieces, weights=runs.ends - runs.starts).astype(np.int64)
    return pieces, areas


def _touching(runs: _Runs) -> tuple[IntArray, IntArray]:
    """Pairs of touching runs: one in a row, the other in the next row."""
    first = np.searchsorted(runs.ends, runs.starts - runs.stride, side="left")
    last = np.searchsorted(runs.starts, runs.ends - runs.stride, side="right")
    counts = last - first
    lower = np.repeat(np.arange(counts.size), counts)
    offsets = np.arange(lower.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(first, counts) + offsets, lower


def _paint(runs: _Runs, values: NDArray[Value], shape: tuple[int, ...]) -> NDArray[Value]:
    """An array of `shape` with every run filled with its value, and zero elsewhere."""
    height, width = shape
    ends_and_starts = np.stack([runs.starts, runs.ends], axis=1).ravel()
    lengths = np.diff(ends_and_starts, prepend=0, append=height * runs.stride)
    filled = np.zeros(lengths.size, values.dtype)
    filled[1::2] = values
    return np.ascontiguousarray(np.repeat(filled, lengths).reshape(height, runs.stride)[:, :width])
