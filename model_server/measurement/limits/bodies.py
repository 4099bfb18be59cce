"""What moves in a drawn clip: bodies of some size, threads a few pixels wide, and walls to hide behind.

Shapes: P the side of the square that a body is drawn on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch.nn import functional

from model_server.training.clips.noise import plane
from model_server.training.clips.outlines import coverage
from model_server.training.clips.sprites import LARGEST_SPRITE, SpriteMaker
from model_server.training.clips.textures import procedural_texture

Floats = NDArray[np.float32]
Points = NDArray[np.float64]
COMPACT = 0.4
"""Least share of its box that a body covers."""
CONTRAST = 0.22
"""Least distance of three quarters of a body from the colours of wall and floor; colours are in 0..1."""
BEND = 0.03
"""How far a body bends, relative to half of its square."""
_CELLS = 4


@dataclass(frozen=True, slots=True)
class Body:
    """An opaque thing, drawn on a square of 2 `half` pixels of the clip."""

    rgb: Floats  # (3, P, P) in 0..1
    alpha: Floats  # (P, P) coverage in 0..1
    half: float
    fine: int = 1
    """Samples along each axis of a pixel."""

    def reach(self, angle: float) -> tuple[float, float]:
        """How far it reaches from its centre, to the sides and up or down, in pixels, once it is turned."""
        pixel = 2 * self.half / len(self.alpha)
        first = np.argwhere(self.alpha > 0).astype(np.float64) * pixel - self.half
        x, y = first[:, 1], first[:, 0]
        xs, ys = np.stack([x, x + pixel, x, x + pixel]), np.stack([y, y, y + pixel, y + pixel])
        across, down = math.cos(angle) * xs - math.sin(angle) * ys, math.sin(angle) * xs + math.cos(angle) * ys
        return float(np.abs(across).max()), float(np.abs(down).max())

    def drawn(self, centre: Points, angle: float, bend: Floats) -> tuple[slice, slice, Floats, Floats]:
        """Rows and columns around `centre` (x, y), and there its colour (3, h, w), times its coverage (h, w).

        Pixel (0, 0) is the square from there to (1, 1). `bend` is (2, cells, cells), in halves of the square.
        """
        radius = self.half * math.sqrt(2) + 2
        left, top = (math.floor(value - radius) for value in centre)
        side = math.ceil(2 * radius) + 1
        fine = self.fine
        axis = (np.arange(side * fine, dtype=np.float32) + 0.5) / fine
        x, y = (axis + np.float32(left - centre[0]))[None], (axis + np.float32(top - centre[1]))[:, None]
        cos, sin = math.cos(angle), math.sin(angle)
        own = np.stack([cos * x + sin * y, -sin * x + cos * y], axis=-1) / self.half
        grid = torch.as_tensor(own.astype(np.float32))[None]
        bent = functional.grid_sample(torch.as_tensor(bend)[None], grid, padding_mode="border", align_corners=False)
        layers = torch.as_tensor(np.concatenate([self.rgb * self.alpha, self.alpha[None]]))[None]
        sampled = functional.grid_sample(layers, grid + bent.permute(0, 2, 3, 1), align_corners=False)
        pooled = functional.avg_pool2d(sampled, fine)[0].numpy()
        return slice(top, top + side), slice(left, left + side), pooled[:3], pooled[3]


def bending(rng: Generator, num_frames: int) -> Floats:
    """(T, 2, cells, cells) displacements that come and go, as of what lives."""
    strength = rng.uniform(-BEND, BEND, (1, 2, _CELLS, _CELLS))
    phase, frequency = rng.uniform(0, 2 * np.pi, (1, 2, _CELLS, _CELLS)), rng.uniform(0.15, 0.5)
    time = np.arange(num_frames)[:, None, None, None]
    return (strength * np.sin(frequency * time + phase)).astype(np.float32)


def compact_body(rng: Generator, longer: float, behind: Floats) -> Body:
    """A body in one piece, `longer` pixels on its longer side, that stands out from what is `behind`, (3, H, W)."""
    maker = SpriteMaker(rng, num_surfaces=5, real=None)
    fine = 4 if longer < 20 else 3 if longer < 40 else 2 if longer < 60 else 1
    size = int(np.clip(longer * fine * 1.4, 24, LARGEST_SPRITE))
    best: tuple[float, Body] | None = None
    for _ in range(60):
        sprite = maker.make(rng, size)
        inside = sprite.alpha > 0.5
        rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
        if not len(rows) or inside.sum() < COMPACT * len(rows) * len(columns) or len(rows) != np.ptp(rows) + 1:
            continue
        half = longer / 2 * size / (max(np.ptp(rows), np.ptp(columns)) + 1)
        contrast = _contrast(sprite.rgb[:, inside], behind)
        if best is None or contrast > best[0]:
            rgb, alpha = (_centred(layer, rows, columns) for layer in (sprite.rgb, sprite.alpha))
            best = contrast, Body(rgb, alpha, half, fine)
        if best[0] >= CONTRAST:
            break
    assert best is not None, "outlines are compact more often than once in sixty"
    return best[1]


def thread(rng: Generator, kind: str, width: float, behind: Floats) -> Body:
    """A `rope`, `wheel`, `branch` or `frame` of lines as wide as `width` pixels, on a square of 2 x 55 pixels."""
    half, fine = 55.0, 2
    size = int(2 * half * fine)
    x, y = plane(size)
    distance = np.full((size, size), np.inf, np.float32)
    for line in _LINES[kind](rng):
        for start, end in pairwise(line):
            step = end - start
            along = np.clip(((x - start[0]) * step[0] + (y - start[1]) * step[1]) / (step @ step + 1e-9), 0, 1)
            distance = np.minimum(distance, np.hypot(x - start[0] - along * step[0], y - start[1] - along * step[1]))
    alpha = coverage(width / 2 / half - distance)
    surfaces = [procedural_texture(rng, size) for _ in range(12)]
    rgb = max(surfaces, key=lambda surface: _contrast(surface[:, alpha > 0.5], behind))
    mean = rgb.mean(axis=(1, 2), keepdims=True)
    return Body((mean + (rgb - mean) / 4).astype(np.float32), alpha, half, fine)  # or stripes would cut it into pieces


def wall(rng: Generator, half_width: float, height: int) -> Body:
    """An upright strip, round like a trunk or a pillar, taller than the clip."""
    half = height / 2 + 24
    size = math.ceil(2 * half)
    x, _ = plane(size)
    rgb = procedural_texture(rng, size)
    inside = np.abs(x) * half <= half_width
    shade = 1 - 0.45 * np.clip(np.abs(x + 0.2 * half_width / half) * half / half_width, 0, 1) ** 3
    return Body((rgb * shade).astype(np.float32), inside.astype(np.float32), half)


def _contrast(colours: Floats, behind: Floats) -> float:
    """Distance of three in four of (3, N) pixels from the upper or lower half of (3, H, W), the more alike one."""
    halves = (half.mean(axis=(1, 2)) for half in np.array_split(behind, 2, axis=1))
    return min(float(np.quantile(np.linalg.norm(colours - mean[:, None], axis=0), 0.25)) for mean in halves)


def _centred(layer: Floats, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Floats:
    """The layer moved so that the middle of its rows and columns is in the middle; its edge is repeated."""
    size = layer.shape[-1]
    down, right = (int(size // 2 - (ends[0] + ends[-1] + 1) // 2) for ends in (rows, columns))
    padded = np.pad(layer, [(0, 0)] * (layer.ndim - 2) + [(size, size)] * 2, mode="edge")
    return np.ascontiguousarray(padded[..., size - down : 2 * size - down, size - right : 2 * size - right])


def _rope(rng: Generator) -> list[Points]:
    """A curve from end to end that hangs and winds."""
    along = np.linspace(-0.92, 0.92, 40)
    down = 0.45 * np.sin(np.pi * (along + rng.uniform(-0.3, 0.3))) + 0.2 * np.cos(rng.uniform(3, 6) * along)
    return [np.stack([along, down], axis=1)]


def _wheel(rng: Generator) -> list[Points]:
    """A rim with spokes."""
    turn = np.linspace(0, 2 * np.pi, 60)
    rim = 0.85 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    spokes = rng.uniform(0, np.pi) + np.pi * np.arange(3) / 3
    return [rim, *(0.85 * np.array([[np.cos(a), np.sin(a)], [-np.cos(a), -np.sin(a)]]) for a in spokes)]


def _branch(rng: Generator) -> list[Points]:
    """A stem with twigs to both sides."""
    stem = np.array([[0.0, 0.92], [rng.uniform(-0.1, 0.1), 0.2], [rng.uniform(-0.2, 0.2), -0.92]])
    twigs: list[Points] = []
    for number in range(5):
        start = np.array([0.0, 0.7 - 0.3 * number])
        side = 1 if number % 2 else -1
        twigs.append(np.stack([start, start + np.array([side * rng.uniform(0.4, 0.8), -rng.uniform(0.2, 0.5)])]))
    return [stem, *twigs]


def _frame(rng: Generator) -> list[Points]:
    """Two triangles with a side in common and a handle, as of a bicycle."""
    seat, head = np.array([-0.2, -0.45]), np.array([0.5, rng.uniform(-0.5, -0.35)])
    crank, hub = np.array([0.0, 0.5]), np.array([-0.85, rng.uniform(0.35, 0.6)])
    return [
        np.array([hub, seat, head, crank, hub]),
        np.array([seat, crank]),
        np.stack([head, head + np.array([0.3, 0.95])]),
    ]


_LINES = {"rope": _rope, "wheel": _wheel, "branch": _branch, "frame": _frame}
THREADS = tuple(_LINES)
