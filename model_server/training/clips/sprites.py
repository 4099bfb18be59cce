"""Sprites: coloured cut-outs that become the objects of a clip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model_server.training.clips.noise import smooth_field
from model_server.training.clips.outlines import coverage, random_outline
from model_server.training.clips.real_frames import RealFrames
from model_server.training.clips.textures import procedural_texture, recolour

LARGEST_SPRITE = 160  # pixels; surfaces are drawn twice as large
THIN_SHARE = 0.25  # of its bounding box; an ellipse covers 0.79
CUTOUT_SHARE = 0.3  # of the sprites are real objects, where the texture file has any


@dataclass(frozen=True, slots=True)
class Sprite:
    """An object seen without perspective, on a square of side P."""

    rgb: np.ndarray  # (3, P, P) float32 in [0, 1]
    alpha: np.ndarray  # (P, P) float32 coverage of the whole object
    part: np.ndarray  # (P, P) float32 coverage of one part of it; equals alpha where it has no parts

    @property
    def is_thin(self) -> bool:
        """Whether it covers little of its bounding box, like a rope, a pole or a limb."""
        inside = self.alpha > 0.5
        rows, columns = inside.any(axis=1), inside.any(axis=0)
        return bool(inside.sum() < THIN_SHARE * max(1, rows.sum()) * max(1, columns.sum()))


class SpriteMaker:
    """Makes sprites from a bank of precomputed surfaces."""

    def __init__(self, rng: np.random.Generator, *, num_surfaces: int, real: RealFrames | None) -> None:
        self._surfaces = [procedural_texture(rng, LARGEST_SPRITE * 2) for _ in range(num_surfaces)]
        self._real = real

    def make(self, rng: np.random.Generator, size: int) -> Sprite:
        """One random object on a square of `size` pixels, at most LARGEST_SPRITE."""
        if self._real is not None and self._real.labelled and rng.random() < CUTOUT_SHARE:
            cutout = self._real.cutout(rng, size)
            rgb = recolour(rng, cutout[:3], float(rng.choice([0.1, 0.3, 0.8])))
            return Sprite(rgb=rgb, alpha=cutout[3], part=cutout[3])
        parts = random_outline(rng, size)
        if len(parts) == 1 and rng.random() < 0.5:
            parts = _split(rng, parts[0])
        use_real = self._real is not None and rng.random() < 0.6
        shared = self._surface(rng, size, real=use_real)
        # The colour continues beyond the edge; black would outline every object.
        rgb, alpha = shared, np.zeros_like(parts[0])
        for coverage_of_part in parts:
            surface = shared if rng.random() < 0.4 else self._surface(rng, size, real=use_real)
            rgb = rgb * (1 - coverage_of_part) + surface * coverage_of_part
            alpha = np.maximum(alpha, coverage_of_part)
        return Sprite(rgb=_shade(rng, rgb, alpha), alpha=alpha, part=_visible_part(rng, parts))

    def _surface(self, rng: np.random.Generator, size: int, *, real: bool) -> np.ndarray:
        """(3, P, P) float32 RGB crop of a procedural surface or of a real frame, recoloured."""
        if real and self._real is not None:
            return recolour(rng, self._real.crop(rng, size, smallest=0.15), float(rng.choice([0.1, 0.5, 1.0])))
        whole = self._surfaces[int(rng.integers(len(self._surfaces)))]
        top, left = rng.integers(0, whole.shape[1] - size, 2)
        crop = whole[:, top : top + size, left : left + size]
        return recolour(rng, crop, float(rng.choice([0.2, 1.0])))


def _split(rng: np.random.Generator, whole: np.ndarray) -> np.ndarray:
    """Whole object first, then one or two regions of it in front, so that it shows several surfaces."""
    fields = smooth_field(rng, whole.shape[0], cells=int(rng.integers(1, 4)), channels=int(rng.integers(1, 3)))
    return np.stack([whole, *(whole * coverage(field * 0.5) for field in fields)])


def _visible_part(rng: np.random.Generator, parts: np.ndarray) -> np.ndarray:
    """Coverage of one random part, minus what lies in front of it."""
    chosen = int(rng.integers(len(parts)))
    visible = parts[chosen]
    for front in parts[chosen + 1 :]:
        visible = visible * (1 - front)
    return visible if visible.sum() > 0.05 * parts.max(axis=0).sum() else parts.max(axis=0)


def _shade(rng: np.random.Generator, rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Light from one side, and sometimes a darker rim: objects are rarely as flat as paper."""
    light = 1 + rng.uniform(0, 0.35) * smooth_field(rng, alpha.shape[0], cells=1)[0]
    return np.clip(rgb * light, 0, 1).astype(np.float32)
