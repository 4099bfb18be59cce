"""The objects that a step asks for, in whole pictures or in windows around them.

Windows are cut from the features of the whole picture, which are encoded already: less work, and objects stand at the
border as often as in the middle.

Shapes: B objects, S pixels of a square picture or window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from model_server.models.loom.prompt_head.signals import FAR
from model_server.models.loom.prompt_head.u_net import SeenImages, seen
from model_server.training.parts.seen_folder import Seen
from model_server.training.prompt_head.pictures import LEAST_PIXELS, PictureFolder

CELL = 4
"""Pixels of a cell of the finest features."""
COARSE = 4
"""Cells of the finest features per cell of the coarsest, on whose grid windows begin."""


@dataclass(frozen=True, slots=True)
class AskedObjects:
    """B objects, each with the picture it is in."""

    images: SeenImages
    truths: NDArray[np.bool_]  # (B, S, S)

    @property
    def targets(self) -> Tensor:
        """(B, 1, S / 4, S / 4) share of each cell that the object covers."""
        return functional.avg_pool2d(torch.as_tensor(self.truths)[:, None].float(), CELL)


def look_at(pictures: Sequence[Seen]) -> SeenImages:
    """The pictures as the head takes them."""
    stride4, stride8, stride16 = (torch.stack(level) for level in zip(*(each.levels for each in pictures), strict=True))
    return seen((stride4, stride8, stride16), torch.stack([picture.pixels for picture in pictures]).float())


def draw_objects(folder: PictureFolder, count: int, random: np.random.Generator) -> AskedObjects:
    """One object each of `count` pictures, drawn with repetition."""
    pictures = [folder[int(random.integers(len(folder)))] for _ in range(count)]
    truths = [picture.objects[int(random.integers(len(picture.objects)))] for picture in pictures]
    return AskedObjects(look_at(pictures), np.stack(truths))


def in_windows(objects: AskedObjects, cells: int, random: np.random.Generator) -> AskedObjects:
    """The same objects in windows of `cells` x `cells`, a multiple of 8, somewhere around each of them.

    As they were if they are no larger, or if a window would show less than LEAST_PIXELS of an object: one with a hole
    as large as the window may be all around it.
    """
    side = objects.truths.shape[1] // CELL
    if side <= cells:
        return objects
    corners = [_corner(truth, cells, random) for truth in objects.truths]
    squares = [_square((CELL * top, CELL * left), CELL * cells) for top, left in corners]
    truths = np.stack([truth[square] for truth, square in zip(objects.truths, squares, strict=True)])
    if truths.sum(axis=(1, 2)).min() < LEAST_PIXELS:
        return objects
    images = objects.images

    def part(maps: Tensor, stride: int) -> Tensor:
        """The windows of (B, C, ...) maps whose cells are `stride` cells of the finest ones wide."""
        squares = [_square((top // stride, left // stride), cells // stride) for top, left in corners]
        return torch.stack([grid[(..., *square)] for grid, square in zip(maps, squares, strict=True)])

    levels = part(images.levels[0], 1), part(images.levels[1], 2), part(images.levels[2], COARSE)
    return AskedObjects(SeenImages(levels, part(images.colours, 1), _walled(part(images.steps, 2))), truths)


def _corner(truth: NDArray[np.bool_], cells: int, random: np.random.Generator) -> tuple[int, int]:
    """Top and left, in cells, of a window around the object, or in its middle if it is too large."""
    side: int = truth.shape[0] // CELL
    starts: list[int] = []
    for axis in (1, 0):
        found: list[int] = np.flatnonzero(truth.any(axis=axis)).tolist()
        first, last = found[0] // CELL, found[-1] // CELL + 1
        low, high = -(-max(0, last - cells) // COARSE), min(side - cells, first) // COARSE
        fits = low <= high
        start = low + int(random.integers(high - low + 1)) if fits else round((first + last - cells) / 2 / COARSE)
        starts.append(min(max(COARSE * start, 0), side - cells))
    return starts[0], starts[1]


def _square(corner: tuple[int, int], length: int) -> tuple[slice, slice]:
    top, left = corner
    return slice(top, top + length), slice(left, left + length)


def _walled(steps: Tensor) -> Tensor:
    """The (B, 4, h, w) lengths of steps, those that leave the window FAR, as `step_lengths` has them."""
    steps = steps.clone()
    steps[:, 0, :, -1] = steps[:, 2, :, -1] = FAR
    steps[:, 3, :, 0] = FAR
    steps[:, 1:, -1] = FAR
    return steps
