"""Where bodies go: arithmetic on positions, (T, 2) x and y in pixels, or (T,) along one axis."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from model_server.measurement.limits.bodies import Points

PEEK = 9.0
"""Pixels of a body that are seen at least on the frame before it is gone, and on the first frame after."""
CLEARANCE = 3.0
"""Pixels by which it is gone at least while it is gone."""


def passage(leaving: int, gone: int, num_frames: int, *, edge: float, speed: float) -> Points:
    """(T,) offset of a body from the middle of what hides it, which hides it while the offset is within +-`edge`.

    It is seen on the first `leaving` frames, hidden on the next `gone` ones, and seen again past the other side.
    """
    time = np.arange(num_frames)
    before = -edge - PEEK - speed * (leaving - 1 - time)
    meanwhile = (edge - CLEARANCE) * np.linspace(-1, 1, gone)
    after = edge + PEEK + speed * (time - leaving - gone)
    offset = np.where(time < leaving, before, after)
    offset[leaving : leaving + gone] = meanwhile
    return offset


def departure(leaving: int, num_frames: int, *, beyond: float, speed: float) -> Points:
    """(T,) distance of a body outwards from an edge, of which nothing is seen from `beyond` on.

    It is seen on the first `leaving` frames; from then on it is out of the picture.
    """
    time = np.arange(num_frames)
    return np.where(time < leaving, beyond - PEEK - speed * (leaving - 1 - time), beyond + CLEARANCE)


def stroll(rng: Generator, num_frames: int, *, start: Points, speed: float) -> Points:
    """(T, 2) a slow walk that turns a little."""
    heading = rng.uniform(0, 2 * np.pi) + 0.4 * np.sin(rng.uniform(0.05, 0.15) * np.arange(num_frames))
    steps = speed * np.stack([np.cos(heading), 0.4 * np.sin(heading)], axis=1)
    return start + np.cumsum(steps, axis=0) - steps[0]


def bounced(path: Points, low: Points, high: Points) -> Points:
    """(T, 2) reflected, so that it stays between two corners."""
    span = high - low
    return high - np.abs((path - low) % (2 * span) - span)


def circuit(rng: Generator, num_frames: int, *, middle: Points, radii: Points, step: float) -> Points:
    """(T, 2) around an ellipse or a figure of eight, `step` pixels farther on each frame."""
    turn = np.linspace(0, 2 * np.pi, 2000)
    phase, twice = rng.uniform(0, 2 * np.pi), int(rng.integers(1, 3))
    line = middle + radii * np.stack([np.cos(turn + phase), np.sin(twice * turn + phase)], axis=1)
    steps = np.diff(line, axis=0)
    length = np.concatenate([np.zeros(1), np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])
    along = (step * np.arange(num_frames)) % length[-1]
    path = np.empty((num_frames, 2))
    for axis in range(2):
        path[:, axis] = np.interp(along, length, line[:, axis])
    return path


def waves(rng: Generator, num_frames: int, strength: float) -> Points:
    """(T,) a slow wave from 0."""
    wave = np.sin(rng.uniform(0.15, 0.4) * np.arange(num_frames) + rng.uniform(0, 2 * np.pi))
    return strength * (wave - wave[0])
