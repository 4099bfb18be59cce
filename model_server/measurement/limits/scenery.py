"""What stands still in a drawn clip, and the camera that looks at it."""

from __future__ import annotations

import math

import numpy as np
from numpy.random import Generator

from model_server.measurement.limits.bodies import Body, Floats, Points
from model_server.training.clips.noise import smooth_field
from model_server.training.clips.sprites import LARGEST_SPRITE, SpriteMaker
from model_server.training.clips.textures import procedural_texture

MARGIN = 72
"""Pixels of scenery beyond each edge of the picture, for the camera to pan into."""
STILL_BEND = np.zeros((2, 2, 2), np.float32)


def scenery(rng: Generator, height: int, width: int) -> Floats:
    """(3, height + 2 MARGIN, width + 2 MARGIN) in 0..1: a wall and a floor, with things on both."""
    rows, columns = height + 2 * MARGIN, width + 2 * MARGIN
    side = max(rows, columns)
    upper, lower = (_quiet(procedural_texture(rng, side))[:, :rows, :columns] for _ in range(2))
    horizon = rng.uniform(0.4, 0.6) * rows
    slope = rng.uniform(-0.06, 0.06) * (np.arange(columns) - columns / 2)
    below = np.clip(np.arange(rows)[:, None] - horizon - slope, 0, 1).astype(np.float32)
    canvas: Floats = (upper * (1 - below) + lower * below).astype(np.float32)
    maker = SpriteMaker(rng, num_surfaces=8, real=None)
    for foot in np.sort(rng.uniform(horizon - 0.3 * rows, rows, int(rng.integers(9, 15)))):
        sprite = maker.make(rng, LARGEST_SPRITE)
        nearness = max(0.3, (foot - horizon) / (rows - horizon))  # what stands nearer is larger
        thing = Body(_quiet(sprite.rgb), sprite.alpha, float(rng.uniform(40, 95) * nearness))
        lowest = np.flatnonzero(sprite.alpha.max(axis=1) > 0.5).max(initial=0) / LARGEST_SPRITE
        at = np.array([rng.uniform(0, columns), foot + thing.half * (1 - 2 * lowest)])
        if foot > horizon:
            lay(canvas, _shadow(at[0], foot, thing.half))
        lay(canvas, thing.drawn(at, float(rng.uniform(-0.1, 0.1)), STILL_BEND))
    light = 1 + rng.uniform(0.1, 0.3) * smooth_field(rng, side, cells=1)[0]
    return (canvas * light[:rows, :columns].clip(0.5, 1.4)).astype(np.float32)


def camera(rng: Generator, num_frames: int) -> Points:
    """(T, 2) by how many pixels what stands still has moved: a slow pan, held by hand."""
    time = np.arange(num_frames)
    pan = rng.uniform(-0.6, 0.6, 2) * [1, 0.3]
    sway = sum(
        rng.uniform(0.3, 1.6) * np.sin(rng.uniform(0.1, 0.6) * time[:, None] + rng.uniform(0, 6.3, 2)) for _ in range(2)
    )
    moved = pan * time[:, None] + sway
    return moved - moved[0]


def lay(canvas: Floats, drawn: tuple[slice, slice, Floats, Floats]) -> None:
    """Lay what was drawn over a (C, H, W) canvas, as far as it lies within."""
    rows, columns, colour, alpha = drawn
    height, width = canvas.shape[1:]
    top, bottom = max(rows.start, 0), min(rows.stop, height)
    left, right = max(columns.start, 0), min(columns.stop, width)
    if top >= bottom or left >= right:
        return
    own = (slice(top - rows.start, bottom - rows.start), slice(left - columns.start, right - columns.start))
    there = canvas[:, top:bottom, left:right]
    there *= 1 - alpha[own]
    there += colour[:, *own]


def _shadow(x: float, foot: float, half: float) -> tuple[slice, slice, Floats, Floats]:
    """A soft dark oval on the floor, to lay."""
    wide, high = math.ceil(half), max(2, math.ceil(half / 4))
    across, down = np.meshgrid(np.linspace(-1, 1, 2 * wide), np.linspace(-1, 1, 2 * high))
    dark = (0.5 * np.clip(1 - np.hypot(across, down), 0, 1)).astype(np.float32)
    left, top = round(x) - wide, round(foot) - high
    return slice(top, top + 2 * high), slice(left, left + 2 * wide), np.zeros((3, *dark.shape), np.float32), dark


def _quiet(rgb: Floats) -> Floats:
    """Less colourful and less contrasted, as what stands farther away is."""
    grey = rgb.mean(axis=0, keepdims=True)
    return (0.45 + 0.75 * (0.7 * rgb + 0.3 * grey - 0.45)).astype(np.float32)
