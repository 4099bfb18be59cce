"""Masks as one polygon each, for formats that know nothing else.

The polygon goes along the outermost pixels of the mask. Holes and separate pieces are tied to it by bridges, which lead
there and back; readers draw a bridge one pixel wide, so where it crosses the background pixels are added. All lines run
along rows, columns and diagonals, so that every reader draws the same pixels.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.int64]
"""(points, 2) with columns x and y, in pixels."""

_EAST = 0
_STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))  # (row, column) to the east, south, west and north
_TURNS = ((3, 0, 1), (0, 1, 2), (1, 2, 3), (2, 3, 0))  # from each: left first, which leads across a corner
_MAX_PAIRS = 1_000_000


@dataclass(frozen=True, slots=True)
class Polygon:
    """A polygon through centres of pixels, and what a reader draws of it: bool (height, width)."""

    points: Points
    drawn: NDArray[np.bool_]


def polygon_of(mask: NDArray[np.bool_]) -> Polygon:
    """The polygon of a mask with pixels. Neighbours across a corner belong together."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    outlines = list(_outlines(mask[top : rows[-1] + 1, left : columns[-1] + 1]))
    joined = _joined(outlines) + np.array([left, top])
    drawn = mask.copy()
    drawn[joined[:, 1], joined[:, 0]] = True
    return Polygon(_corners(joined), drawn)


def _outlines(mask: NDArray[np.bool_]) -> Iterator[Points]:
    """The closed paths along the mask's edges, around it and around its holes, from pixel to neighbouring pixel.

    Edges between pixels are followed with the mask on the right. Where two pixels meet at a corner, the path crosses.
    """
    padded = np.pad(mask, 1)
    inside = padded[1:-1, 1:-1]
    outside = [~padded[:-2, 1:-1], ~padded[1:-1, 2:], ~padded[2:, 1:-1], ~padded[1:-1, :-2]]
    # By direction: where an edge begins, as a corner of the grid, with the pixel on its right.
    begins = ((0, 0), (0, 1), (1, 1), (1, 0))
    edges = [
        {(row + down, column + right): (row, column) for row, column in np.argwhere(inside & outside[side]).tolist()}
        for side, (down, right) in enumerate(begins)
    ]
    while edges[_EAST]:  # every path has an edge to the east; the first is the topmost one
        corner, direction = next(iter(edges[_EAST])), _EAST  # (row, column), and where the edge leads
        path: list[tuple[int, int]] = []
        while (pixel := edges[direction].pop(corner, None)) is not None:
            if not path or path[-1] != pixel:
                path.append(pixel)
            corner = (corner[0] + _STEPS[direction][0], corner[1] + _STEPS[direction][1])
            direction = next((each for each in _TURNS[direction] if corner in edges[each]), direction)
        if len(path) > 1 and path[0] == path[-1]:
            path.pop()
        yield np.array(path)[:, ::-1]


def _joined(outlines: list[Points]) -> Points:
    """One closed path through all outlines; each is tied to the nearest point of those before it."""
    every = np.concatenate(outlines)
    starts = np.cumsum([0, *(len(each) for each in outlines)]).tolist()
    ties: dict[int, list[tuple[int, int]]] = {}  # by a point of an earlier outline: a later one, and its point
    for place, outline in enumerate(outlines[1:], start=1):
        at, here = _nearest(every[: starts[place]], outline)
        ties.setdefault(at, []).append((place, here))
    path: list[NDArray[np.int64]] = []
    stack: list[Iterator[int | Points]] = [_visit(0, 0, starts)]
    while stack:
        step = next(stack[-1], None)
        if step is None:
            stack.pop()
        elif isinstance(step, int):
            path.append(every[step : step + 1])
            for place, here in ties.pop(step, ()):
                there = _bridge(every[step], outlines[place][here])
                stack.append(iter([there[::-1], every[step : step + 1]]))
                stack.append(_visit(place, here, starts))
                stack.append(iter([there]))
        else:
            path.append(step)
    return np.concatenate(path)


def _visit(place: int, first: int, starts: list[int]) -> Iterator[int | Points]:
    """The points of an outline once around, back to the first."""
    begin, end = starts[place], starts[place + 1]
    yield from range(begin + first, end)
    yield from range(begin, begin + first)
    yield begin + first


def _nearest(known: Points, outline: Points) -> tuple[int, int]:
    """The index of a known point and that of a point of the outline, which are close to each other."""
    (left, top), (right, bottom) = outline.min(axis=0), outline.max(axis=0)
    x, y = known[:, 0], known[:, 1]
    near, reach = np.empty(0, np.int64), 1
    while not near.size:
        near = np.flatnonzero((x >= left - reach) & (x <= right + reach) & (y >= top - reach) & (y <= bottom + reach))
        reach *= 4
    every = -(-len(near) * len(outline) // _MAX_PAIRS)  # of long outlines not all points are compared
    some = outline[::every]
    distances = np.maximum(
        np.abs(x[near][:, None] - some[:, 0]),
        np.abs(y[near][:, None] - some[:, 1]),
    )
    at, here = divmod(int(distances.argmin()), len(some))
    return int(near[at]), here * every


def _bridge(one: NDArray[np.int64], other: NDArray[np.int64]) -> Points:
    """The pixels between two, along a diagonal and then along a row or a column; without the two themselves."""
    way = other - one
    steps = np.arange(1, int(np.abs(way).max()))[:, None]
    return one + np.sign(way) * np.minimum(steps, np.abs(way))


def _corners(path: Points) -> Points:
    """The points of a closed path of single steps at which its direction changes; all, if they are very few."""
    if len(path) < 4:
        return path
    leaving = np.roll(path, -1, axis=0) - path
    return path[(leaving != np.roll(leaving, 1, axis=0)).any(axis=1)]
