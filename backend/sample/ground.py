"""The sample clip's ground: a meadow of layered noise, larger than the picture so that the camera can drift."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.float32]

_GRASS_DARK, _GRASS_LIGHT = np.array([38, 74, 44]), np.array([122, 158, 84])
_EARTH = np.array([134, 108, 78])


def meadow(width: int, height: int, *, seed: int) -> Picture:
    """(height, width, 3) in 0..255: grass in two tones with bare earth showing through."""
    rng = np.random.default_rng(seed)
    tone = _noise(rng, width, height, octaves=(6, 14, 40, 120))[..., None]
    bare = np.clip(_noise(rng, width, height, octaves=(4, 9, 30)) * 3.2 - 1.9, 0, 1)[..., None]
    blades = rng.normal(0, 7, (height, width, 1))
    grass = _GRASS_DARK + (_GRASS_LIGHT - _GRASS_DARK) * tone
    return np.clip(grass * (1 - bare) + _EARTH * bare + blades, 0, 255).astype(np.float32)


def _noise(rng: np.random.Generator, width: int, height: int, *, octaves: tuple[int, ...]) -> Picture:
    """(height, width) in 0..1. Each octave is the number of random values across the width, smoothly enlarged."""
    total = np.zeros((height, width), np.float32)
    for cells in octaves:
        rows = max(2, round(cells * height / width))
        grid = Image.fromarray(rng.random((rows, cells), dtype=np.float32))
        total += np.asarray(grid.resize((width, height), Image.Resampling.BICUBIC)) / len(octaves) ** 0.5
    total -= total.min()
    return total / total.max()
