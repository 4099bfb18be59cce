"""A window shows what the whole picture shows there, and always enough of its object."""

import numpy as np
import torch

from model_server.models.loom.prompt_head.signals import FAR
from model_server.models.loom.prompt_head.u_net import seen
from model_server.models.loom.trunk.efficientnet_lite import CHANNELS
from model_server.training.prompt_head.asked_objects import CELL, AskedObjects, in_windows

SIDE, CELLS = 192, 16


def objects_of(*truths: np.ndarray) -> AskedObjects:
    generator = torch.Generator().manual_seed(1)
    sizes = [SIDE // stride for stride in (4, 8, 16)]
    levels = [
        torch.randn(len(truths), channels, size, size, generator=generator)
        for channels, size in zip(CHANNELS, sizes, strict=True)
    ]
    pixels = 255 * torch.rand(len(truths), 3, SIDE, SIDE, generator=generator)
    return AskedObjects(seen(levels, pixels), np.stack(truths))


def square(top: int, left: int, side: int) -> np.ndarray:
    truth = np.zeros((SIDE, SIDE), bool)
    truth[top : top + side, left : left + side] = True
    return truth


def test_an_object_that_fits_is_seen_whole_wherever_its_window_lies() -> None:
    objects = objects_of(square(100, 20, 12), square(0, 180, 12), square(80, 90, 30))
    random = np.random.default_rng(0)
    for _ in range(20):
        windows = in_windows(objects, CELLS, random)
        assert windows.truths.shape == (3, CELLS * CELL, CELLS * CELL)
        assert windows.truths.sum(axis=(1, 2)).tolist() == [144, 144, 900]


def test_features_colours_and_truth_come_from_the_same_place() -> None:
    objects = objects_of(square(100, 20, 12))
    windows = in_windows(objects, CELLS, np.random.default_rng(3))
    row, column = (int(np.flatnonzero(windows.truths[0].any(axis=axis))[0]) for axis in (1, 0))
    top, left = (100 - row) // CELL, (20 - column) // CELL
    for stride, whole, part in zip((1, 2, 4), objects.images.levels, windows.images.levels, strict=True):
        y, x, length = top // stride, left // stride, CELLS // stride
        assert torch.equal(part, whole[:, :, y : y + length, x : x + length])
    assert torch.equal(windows.images.colours, objects.images.colours[:, :, top : top + CELLS, left : left + CELLS])


def test_no_step_leaves_a_window() -> None:
    objects = objects_of(square(80, 90, 30))
    whole, part = objects.images.steps, in_windows(objects, CELLS, np.random.default_rng(0)).images.steps
    for steps in (whole, part):  # the same borders are closed in both
        closed = steps == FAR
        right, down, down_right, down_left = closed.unbind(dim=1)
        for border in (right[..., -1], down[:, -1], down_right[:, -1], down_right[..., -1], down_left[:, -1]):
            assert border.all()
        assert down_left[..., 0].all()
        assert not closed[:, :, 1:-1, 1:-1].any()


def test_an_object_around_a_hole_larger_than_a_window_is_seen_in_the_whole_picture() -> None:
    ring = square(0, 0, SIDE) & ~square(10, 10, SIDE - 20)
    objects = objects_of(square(100, 20, 12), ring)
    assert in_windows(objects, CELLS, np.random.default_rng(0)) is objects
