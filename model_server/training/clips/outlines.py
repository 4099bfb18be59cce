"""Outlines of sprites. Each function returns layers of coverage, (N, P, P) float32 in [0, 1], one per part."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from model_server.training.clips.noise import octaves, plane


def coverage(distance: np.ndarray) -> np.ndarray:
    """Antialiased coverage of a signed distance field (positive inside, unit = half the sprite's side)."""
    return np.clip(distance * distance.shape[-1] / 2 + 0.5, 0, 1).astype(np.float32)


def blob(rng: np.random.Generator, size: int) -> np.ndarray:
    """A star-shaped region whose radius is a sum of a few harmonics."""
    x, y = plane(size)
    angle, radius = np.arctan2(y, x), np.hypot(x, y)
    limit = np.full_like(angle, 1.0)
    for harmonic in range(1, int(rng.integers(3, 9))):
        limit = limit + rng.uniform(0, 0.5) / harmonic * np.cos(harmonic * angle + rng.uniform(0, 2 * np.pi))
    limit = np.maximum(limit, 0.15)
    return coverage(0.92 * limit / limit.max() - radius)[None]


def polygon(rng: np.random.Generator, size: int) -> np.ndarray:
    """A convex polygon, sometimes with rounded corners."""
    x, y = plane(size)
    count = int(rng.integers(3, 8))
    angles = 2 * np.pi * (np.arange(count) + rng.uniform(0, 0.8, count)) / count
    reach = rng.uniform(0.4, 0.75, count)
    sides = np.stack([r - np.cos(a) * x - np.sin(a) * y for a, r in zip(angles, reach, strict=True)])
    rounding = rng.uniform(0.005, 0.15)
    inside = -rounding * np.log(np.exp(-sides / rounding).sum(axis=0))
    return coverage(np.minimum(inside, 0.95 - np.maximum(abs(x), abs(y))))[None]


def star(rng: np.random.Generator, size: int) -> np.ndarray:
    """Spikes around a centre."""
    x, y = plane(size)
    count = int(rng.integers(3, 9))
    turn = (np.arctan2(y, x) * count / (2 * np.pi) + rng.uniform()) % 1
    spike = abs(turn - 0.5) * 2
    return coverage(rng.uniform(0.25, 0.6) + 0.35 * spike - np.hypot(x, y))[None]


def cloud(rng: np.random.Generator, size: int) -> np.ndarray:
    """Thresholded noise, kept near the centre: ragged outlines, sometimes in several pieces, sometimes with holes."""
    x, y = plane(size)
    noise = octaves(rng, size, coarsest=int(rng.integers(1, 4)), num=3, decay=0.4)
    stretch = rng.uniform(0.6, 1.6)
    return coverage(0.35 * noise + 0.55 - np.hypot(x * stretch, y / stretch))[None]


def ring(rng: np.random.Generator, size: int) -> np.ndarray:
    """A region with a hole."""
    outer = blob(rng, size)[0]
    x, y = plane(size)
    hole = coverage(rng.uniform(0.15, 0.35) - np.hypot(x - rng.uniform(-0.1, 0.1), y - rng.uniform(-0.1, 0.1)))
    return (outer * (1 - hole))[None]


def creature(rng: np.random.Generator, size: int) -> np.ndarray:
    """A torso, a head and bent limbs: many parts that belong to one object, as people and animals have."""
    torso = rng.uniform(-0.15, 0.15, 2)
    length, width, lean = rng.uniform(0.2, 0.4), rng.uniform(0.1, 0.22), rng.uniform(0, np.pi)
    axis = np.array([np.cos(lean), np.sin(lean)])
    parts = [_capsule(size, torso - axis * length, torso + axis * length, width)]
    head = torso + axis * (length + rng.uniform(0.1, 0.25))
    parts.append(_capsule(size, head, head + rng.uniform(-0.08, 0.08, 2), rng.uniform(0.08, 0.18)))
    for _ in range(int(rng.integers(2, 6))):
        hip = torso + axis * length * rng.uniform(-1, 1)
        bend = rng.uniform(0, 2 * np.pi)
        thickness = rng.uniform(0.03, 0.1)
        knee = hip + rng.uniform(0.2, 0.4) * np.array([np.cos(bend), np.sin(bend)])
        bend += rng.uniform(-1.2, 1.2)
        foot = knee + rng.uniform(0.15, 0.4) * np.array([np.cos(bend), np.sin(bend)])
        limb = np.maximum(_capsule(size, hip, knee, thickness), _capsule(size, knee, foot, thickness * 0.8))
        parts.insert(0 if rng.random() < 0.5 else len(parts), limb)
    return np.stack(parts)


def cord(rng: np.random.Generator, size: int) -> np.ndarray:
    """A thin bent line: a rope, a pole, a leash."""
    points = np.cumsum(np.vstack([rng.uniform(-0.8, -0.2, 2), rng.uniform(-0.15, 0.6, (3, 2))]), axis=0)
    points = np.clip(points * rng.choice([-1, 1], 2), -0.9, 0.9)
    thickness = rng.uniform(0.02, 0.08)
    pieces = [_capsule(size, a, b, thickness) for a, b in pairwise(points)]
    return np.max(pieces, axis=0)[None]


def assembly(rng: np.random.Generator, size: int) -> np.ndarray:
    """Two to four convex pieces stuck together: furniture, vehicles, tools."""
    x, y = plane(size)
    parts: list[np.ndarray] = []
    centre = np.zeros(2)
    for _ in range(int(rng.integers(2, 5))):
        half = rng.uniform(0.12, 0.4, 2)
        tilt = rng.choice([0.0, 0.0, rng.uniform(-0.6, 0.6)])
        u = np.cos(tilt) * (x - centre[0]) + np.sin(tilt) * (y - centre[1])
        v = -np.sin(tilt) * (x - centre[0]) + np.cos(tilt) * (y - centre[1])
        box = np.minimum(half[0] - abs(u), half[1] - abs(v))
        oval = (1 - np.hypot(u / half[0], v / half[1])) * half.min()
        parts.append(coverage(box if rng.random() < 0.6 else oval))
        centre = np.clip(centre + rng.uniform(-1, 1, 2) * half * 1.3, -0.5, 0.5)
    return np.stack(parts)


def _capsule(size: int, start: np.ndarray, end: np.ndarray, radius: float) -> np.ndarray:
    x, y = plane(size)
    step = end - start
    along = ((x - start[0]) * step[0] + (y - start[1]) * step[1]) / (step @ step + 1e-6)
    along = np.clip(along, 0, 1)
    return coverage(radius - np.hypot(x - start[0] - along * step[0], y - start[1] - along * step[1]))


Outline = Callable[[np.random.Generator, int], np.ndarray]
OUTLINES: tuple[tuple[Outline, float], ...] = (
    (blob, 0.2), (polygon, 0.1), (star, 0.05), (cloud, 0.1), (ring, 0.05), (creature, 0.3), (cord, 0.05),
    (assembly, 0.15),
)  # fmt: skip


def random_outline(rng: np.random.Generator, size: int) -> np.ndarray:
    """(N, P, P) coverage of the parts of one random object, back to front."""
    weights = np.array([weight for _, weight in OUTLINES])
    outline, _ = OUTLINES[int(rng.choice(len(OUTLINES), p=weights / weights.sum()))]
    return outline(rng, size)
