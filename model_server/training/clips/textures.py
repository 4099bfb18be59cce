"""Procedural surfaces of sprites and backgrounds, and new colours for real ones."""

from __future__ import annotations

import numpy as np

from model_server.training.clips.noise import octaves, plane, smooth_field


def procedural_texture(rng: np.random.Generator, size: int) -> np.ndarray:
    """(3, size, size) float32 RGB in [0, 1]: two to three colours mixed by a random pattern."""
    pattern = _pattern(rng, size)
    first, second = random_colour(rng), random_colour(rng)
    if rng.random() < 0.5:
        # Low contrast is as common as high contrast in real surfaces.
        second = first + (second - first) * rng.uniform(0.05, 0.5)
    rgb = first[:, None, None] * (1 - pattern) + second[:, None, None] * pattern
    if rng.random() < 0.5:
        rgb = rgb + rng.uniform(0.02, 0.15) * smooth_field(rng, size, cells=int(rng.integers(2, 40)), channels=3)
    if rng.random() < 0.5:
        rgb = rgb + rng.uniform(0.01, 0.08) * rng.standard_normal((1, size, size)).astype(np.float32)
    return np.clip(rgb, 0, 1).astype(np.float32)


def random_colour(rng: np.random.Generator) -> np.ndarray:
    """(3,) float32 RGB; greys and browns are as likely as saturated colours."""
    value = rng.uniform(0.05, 1.0)
    saturation = rng.beta(1.0, 1.5)
    hue = rng.uniform(0, 1, 3)
    hue = (hue - hue.min()) / (hue.max() - hue.min() + 1e-6)
    return (value * (1 - saturation * (1 - hue))).astype(np.float32)


def _pattern(rng: np.random.Generator, size: int) -> np.ndarray:
    """(size, size) float32 in [0, 1]."""
    kind = rng.choice(["noise", "noise", "noise", "stripes", "checks", "gradient", "spots", "flat"])
    x, y = plane(size)
    angle = rng.uniform(0, 2 * np.pi)
    along = np.cos(angle) * x + np.sin(angle) * y
    across = -np.sin(angle) * x + np.cos(angle) * y
    if kind == "flat":
        return np.zeros((size, size), np.float32)
    if kind == "gradient":
        return (along + 1.5) / 3
    noise = octaves(
        rng, size, coarsest=int(rng.integers(1, 8)), num=int(rng.integers(2, 6)), decay=float(rng.uniform(0.4, 0.9))
    )
    if kind == "noise":
        return 0.5 + 0.5 * noise if rng.random() < 0.7 else _step(noise, rng.uniform(5, 40))
    along, across = along + 0.15 * noise, across + 0.15 * noise
    frequency = rng.uniform(4, 40)
    if kind == "stripes":
        return _step(np.sin(frequency * along), rng.uniform(1, 20))
    waves = np.sin(frequency * along) * np.sin(frequency * across)
    return _step(waves - (0.5 if kind == "spots" else 0.0), rng.uniform(3, 20))


def _step(field: np.ndarray, sharpness: float) -> np.ndarray:
    return 1 / (1 + np.exp(-sharpness * field))


def recolour(rng: np.random.Generator, rgb: np.ndarray, strength: float) -> np.ndarray:
    """Apply random gain, offset and channel mixing to (3, P, P) RGB, so that one crop yields many surfaces."""
    mix = np.eye(3, dtype=np.float32) + strength * rng.uniform(-0.5, 0.5, (3, 3)).astype(np.float32)
    mean = rgb.mean(axis=(1, 2), keepdims=True)
    mixed = np.einsum("ij,jhw->ihw", mix, rgb - mean) * rng.uniform(1 - 0.4 * strength, 1 + 0.4 * strength)
    offset = strength * rng.uniform(-0.3, 0.3, (3, 1, 1)).astype(np.float32)
    return np.clip(mixed + mean + offset, 0, 1).astype(np.float32)
