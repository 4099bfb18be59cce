"""Films bodies before scenery: the frames of a drawn clip, and the truth of its objects.

Shapes: T frames, (H, W) the clip.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from model_server.measurement.limits.bodies import Body, Floats, Points
from model_server.measurement.limits.scenery import MARGIN, lay
from model_server.segmenter import Mask

SHUTTER = 0.25
"""For which share of a frame's time the shutter is open."""
SHARP = 1.5
"""Pixels between the moments of an exposure, at most."""


@dataclass(frozen=True, slots=True)
class DrawnClip:
    """A clip whose truth is known; a FrameSource."""

    name: str
    frames: NDArray[np.uint8]  # (T, H, W, 3)
    truths: Mapping[str, Mapping[int, Mask]]
    """(H, W), what can be seen, by object and frame; each object is seen on the first frame."""
    after: int | None = None
    """The first frame after what the clip is about; None if that goes on to the end."""

    @property
    def num_frames(self) -> int:
        """T."""
        return len(self.frames)

    @property
    def height(self) -> int:
        """H."""
        return self.frames.shape[1]

    @property
    def width(self) -> int:
        """W."""
        return self.frames.shape[2]

    def rgb(self, frame_index: int) -> NDArray[np.uint8]:
        """(H, W, 3) uint8."""
        return self.frames[frame_index]


@dataclass(frozen=True, slots=True)
class MovingBody:
    """A body and where it is."""

    body: Body
    centre: Points  # (T, 2) x and y in pixels
    angle: Points  # (T,) radians
    bend: Floats  # (T, 2, cells, cells)
    object_id: str | None = None
    """None if no truth is kept of it."""

    def exposed(self, frame_index: int) -> tuple[slice, slice, Floats, Floats]:
        """Colour times coverage, and coverage, while the shutter is open; see `Body.drawn`."""
        way = np.gradient(self.centre, axis=0)[frame_index] * SHUTTER
        moments = max(1, math.ceil(float(np.hypot(*way)) / SHARP))
        layers = [
            self.body.drawn(
                self.centre[frame_index] + way * (moment / moments - 0.5 + 0.5 / moments),
                float(self.angle[frame_index]),
                self.bend[frame_index],
            )
            for moment in range(moments)
        ]
        if moments == 1:
            return layers[0]
        rows = slice(min(each[0].start for each in layers), max(each[0].stop for each in layers))
        columns = slice(min(each[1].start for each in layers), max(each[1].stop for each in layers))
        mean = np.zeros((4, rows.stop - rows.start, columns.stop - columns.start), np.float32)
        for down, right, colour, alpha in layers:
            own = (slice(down.start - rows.start, down.stop - rows.start),
                   slice(right.start - columns.start, right.stop - columns.start))  # fmt: skip
            mean[:, *own] += np.concatenate([colour, alpha[None]]) / moments
        return rows, columns, mean[:3], mean[3]


@dataclass(frozen=True, slots=True)
class Shot:
    """Everything that is filmed; bodies back to front."""

    scenery: Floats  # (3, H + 2 MARGIN, W + 2 MARGIN)
    camera: Points  # (T, 2)
    bodies: Sequence[MovingBody]


def film(rng: Generator, name: str, shot: Shot, *, after: int | None = None) -> DrawnClip:
    """Film a shot: one look for the clip, with noise and small changes of exposure."""
    height, width = (side - 2 * MARGIN for side in shot.scenery.shape[1:])
    num_frames = len(shot.camera)
    gain = rng.uniform(0.9, 1.1) * (1 + 0.02 * np.sin(rng.uniform(0.1, 0.4) * np.arange(num_frames)))
    softness, grain = rng.uniform(0.0, 0.25), 10 ** rng.uniform(-2.3, -1.6)
    frames = np.empty((num_frames, height, width, 3), np.uint8)
    truths: dict[str, dict[int, Mask]] = {each.object_id: {} for each in shot.bodies if each.object_id is not None}
    for index in range(num_frames):
        light, seen = _exposure(shot, index, height, width)
        for object_id, coverage in seen.items():
            truths[object_id][index] = coverage > 0.5
        light = _softened(light, softness) * gain[index] + grain * rng.standard_normal(light.shape, dtype=np.float32)
        frames[index] = (light.clip(0, 1) * 255 + 0.5).astype(np.uint8).transpose(1, 2, 0)
    return DrawnClip(name, frames, truths, after)


def cut_away(clip: DrawnClip, other: DrawnClip, away: range) -> DrawnClip:
    """The clip with a hard cut to another for some frames: its objects are absent meanwhile."""
    frames = clip.frames.copy()
    frames[away.start : away.stop] = other.frames[away.start : away.stop]
    truths = {
        object_id: {index: mask & (index not in away) for index, mask in masks.items()}
        for object_id, masks in clip.truths.items()
    }
    return replace(clip, frames=frames, truths=truths, after=away.stop)


def _exposure(shot: Shot, index: int, height: int, width: int) -> tuple[Floats, dict[str, Floats]]:
    """(3, H, W) in 0..1 and (H, W) coverage by object."""
    light = _looked_at(shot.scenery, shot.camera[index], height, width)
    seen: dict[str, Floats] = {}
    for each in shot.bodies:
        drawn = each.exposed(index)
        lay(light, drawn)
        rows, columns, _, alpha = drawn
        for behind in seen.values():
            lay(behind[None], (rows, columns, np.zeros((1, *alpha.shape), np.float32), alpha))
        if each.object_id is not None:
            of_it = seen.setdefault(each.object_id, np.zeros((height, width), np.float32))
            lay(of_it[None], (rows, columns, alpha[None], alpha))
    return light, seen


def _looked_at(scenery: Floats, moved: Points, height: int, width: int) -> Floats:
    """(3, H, W) of the scenery, moved by fractions of a pixel."""
    left, top = (MARGIN - value for value in moved)
    x, y = math.floor(left), math.floor(top)
    right, down = np.float32(left - x), np.float32(top - y)
    cut = scenery[:, y : y + height + 1, x : x + width + 1]
    cut = cut[:, :-1] * (1 - down) + cut[:, 1:] * down
    return (cut[:, :, :-1] * (1 - right) + cut[:, :, 1:] * right).astype(np.float32)


def _softened(light: Floats, share: float) -> Floats:
    """Each pixel mixed with its four neighbours."""
    padded = np.pad(light, ((0, 0), (1, 1), (1, 1)), mode="edge")
    around = padded[:, :-2, 1:-1] + padded[:, 2:, 1:-1] + padded[:, 1:-1, :-2] + padded[:, 1:-1, 2:]
    return ((1 - share) * light + share / 4 * around).astype(np.float32)
