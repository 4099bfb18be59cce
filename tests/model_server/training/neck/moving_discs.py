"""Clips of six frames of 64 pixels for the neck: two speckled discs that cross a speckled ground."""

from pathlib import Path

import numpy as np

from model_server.models.loom.trunk.efficientnet_lite import EfficientNetLite
from model_server.training.neck.seen_clips import MovingObjects
from tests.model_server.models.loom.trunk.published import published_weights

LENGTH, SIDE, RADIUS = 6, 64, 11


def write_moving_discs(folder: Path, count: int, seed: int = 0) -> None:
    folder.mkdir()
    y, x = np.mgrid[:SIDE, :SIDE]
    for number in range(count):
        random = np.random.default_rng([seed, number])
        ground = random.integers(20, 120, (SIDE, SIDE, 3))
        rgb, bits = np.tile(ground, (LENGTH, 1, 1, 1)).astype(np.uint8), np.zeros((LENGTH, SIDE, SIDE), np.uint8)
        for bit in (0, 1):
            middle, speed = np.array([16 + 32 * bit, random.integers(20, 44)]), random.integers(-5, 6, 2)
            colour, speckles = random.integers(80, 220, 3), random.integers(-30, 31, (SIDE, SIDE, 3))
            for time in range(LENGTH):
                left, top = middle + speed * time
                disc = (x - left) ** 2 + (y - top) ** 2 <= RADIUS**2
                rgb[time][disc] = (colour + np.roll(speckles, (top, left), (0, 1)))[disc]
                bits[time][disc] = 1 << bit
        np.savez_compressed(folder / f"{number:05}.npz", rgb=rgb, objects=bits)


def moving_discs(folder: Path, count: int = 6, seed: int = 0) -> MovingObjects:
    write_moving_discs(folder, count, seed)
    return MovingObjects(folder, EfficientNetLite(published_weights()))
