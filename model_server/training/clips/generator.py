"""Generates clips without end, each a pure function of (seed, step), so that a resumed run sees the same clips."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model_server.training.clips.clip import Clip, ClipBatch
from model_server.training.clips.photometry import photograph
from model_server.training.clips.real_frames import RealFrames
from model_server.training.clips.scene import Actor, Scene, cast_actor, cut_away, render, shoot_camera
from model_server.training.clips.sprites import LARGEST_SPRITE, SpriteMaker
from model_server.training.clips.textures import procedural_texture

STEPS_PER_BANK = 250  # the bank of surfaces is redrawn this often
SMALLEST_TARGET = 0.003  # of the frame; smaller ones cover a few pixels
LARGEST_TARGET = 0.6
PROCEDURAL_SHARE = 0.2  # of the backgrounds, if there are real ones
RESIDENT_SHARE = 0.7  # of the real backgrounds have annotated regions as objects
LOOK_ALIKE_SHARE = 0.15  # of the sprites have a copy on another path
CUT_SHARE = 0.08  # of the clips are cut to another shot
REAL_MOTION_SHARE = 0.6  # of those, in clips, move as they were filmed


@dataclass(frozen=True, slots=True)
class ClipShape:
    """How large a batch is."""

    batch_size: int
    num_frames: int
    num_targets: int
    size: int  # pixels, side of the square frame


class ClipGenerator:
    """Makes batches of clips. `textures` is an npz of real frames (see RealFrames); by default all are procedural."""

    def __init__(self, *, seed: int, textures: Path | None = None, num_surfaces: int = 48) -> None:
        self._seed = seed
        self._real = RealFrames(textures) if textures else None
        self._num_surfaces = num_surfaces
        self._bank_index = -1
        self._maker: SpriteMaker | None = None

    def batch(self, step: int, shape: ClipShape) -> ClipBatch:
        """The batch of one step."""
        maker = self._sprite_maker(step // STEPS_PER_BANK)
        rng = np.random.default_rng([self._seed, 1, step])
        return ClipBatch.stack([self._clip(rng, maker, shape) for _ in range(shape.batch_size)])

    def _sprite_maker(self, bank_index: int) -> SpriteMaker:
        if self._maker is None or bank_index != self._bank_index:
            rng = np.random.default_rng([self._seed, 0, bank_index])
            self._maker = SpriteMaker(rng, num_surfaces=self._num_surfaces, real=self._real)
            self._bank_index = bank_index
        return self._maker

    def _clip(self, rng: np.random.Generator, maker: SpriteMaker, shape: ClipShape) -> Clip:
        shot = self._shot(rng, maker, shape)
        if shape.num_frames > 1 and rng.random() < CUT_SHARE:
            return cut_away(rng, shot, self._shot(rng, maker, shape))
        return shot

    def _shot(self, rng: np.random.Generator, maker: SpriteMaker, shape: ClipShape) -> Clip:
        while True:
            scene = self._scene(rng, maker, shape)
            frames, seen = render(scene, shape.size)
            masks = seen > 0.5
            share = masks[0].mean(axis=(1, 2))
            usable = np.flatnonzero((share > SMALLEST_TARGET) & (share < LARGEST_TARGET))
            if len(usable):
                # Larger objects are targets more often, as they are clicked more often.
                weights = np.sqrt(share[usable])
                count = min(len(usable), shape.num_targets)
                chosen = rng.choice(usable, count, replace=False, p=weights / weights.sum())
                targets = np.resize(chosen, shape.num_targets)  # too few targets are repeated
                return Clip(frames=photograph(rng, frames), masks=masks[:, targets])

    def _scene(self, rng: np.random.Generator, maker: SpriteMaker, shape: ClipShape) -> Scene:
        background = self._background(rng, shape)
        lived_in = background.shape[1] > 3
        actors: list[Actor] = []
        for _ in range(int(rng.integers(0, 4) if lived_in else rng.integers(2, 7))):
            sprite = maker.make(rng, min(LARGEST_SPRITE, shape.size * 9 // 16))
            actors.append(cast_actor(rng, sprite, shape.num_frames))
            if rng.random() < LOOK_ALIKE_SHARE:
                actors.append(cast_actor(rng, sprite, shape.num_frames))
        rng.shuffle(actors)  # type: ignore[arg-type]
        return Scene(background, shoot_camera(rng, shape.num_frames), actors)

    def _background(self, rng: np.random.Generator, shape: ClipShape) -> np.ndarray:
        """(1 or T, 3 + R, P, P): procedural, a real frame, one with regions in it, or a real clip."""
        real, size = self._real, shape.size
        if real is None or rng.random() < PROCEDURAL_SHARE:
            return procedural_texture(rng, size)[None]
        if rng.random() < RESIDENT_SHARE:
            if shape.num_frames > 1 and real.clips and rng.random() < REAL_MOTION_SHARE:
                return real.clip(rng, size, num_frames=shape.num_frames, count=shape.num_targets)
            if real.labelled:
                return real.regions(rng, size, smallest=0.5, count=shape.num_targets)
        return real.crop(rng, size, smallest=0.5)[None]
