"""Cutouts that move: each turns, grows, bends and fades along a path of its own, which is drawn once.

Shapes: H x W pixels of a cutout, SIDE x SIDE of the canvas. Points are (x, y). Times are frames of the video behind.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from model_server.footage.boxed_objects import SIDE, Appearance, Light, Mask, blurred, relit

Vector = NDArray[np.float64]
Field = NDArray[np.float32]

SCALES = (0.08, 0.7)
"""Longer side of an object, relative to the canvas."""
RELIT = 0.7
"""Share of the objects that are shown in another light."""
STARTS = (0.1, 0.9)
"""Where paths begin, relative to the canvas."""
SPEEDS = (0.3, 9.0)
"""Pixels per frame."""
ACCELERATION = 0.4
"""Standard deviation along either axis; a tenth of it is added to the speed with every frame of PUSH."""
PUSH = 5.0
"""Frames after which speeds change no more."""
LEAN, TURN = 15.0, 1.5
"""Standard deviations of the angle at time 0 and of its change per frame, in degrees."""
GROWTH, MOST_GROWTH = 0.012, 0.6
"""Standard deviation of the change of the logarithm of the size per frame, and the most it adds up to."""
SLOWING = 60.0
"""Paths come to rest over this many frames, so that an object is still there after a long gap."""
AWAY, BEYOND = 3.0, 0.3
"""Sides of the canvas: a path that leads so far away comes back, to the canvas and this much around it."""
KNOTS, PER_KNOT = 4, 21
"""An elastic field is drawn at KNOTS x KNOTS points and is smooth in between, PER_KNOT steps from one to the next."""
WAVING, WAVE_RATE = 0.05, 0.25
"""Most that an object bends to and fro, relative to its longer side, and by how much the phase advances per frame."""
BENDING, BENT = 0.004, 30.0
"""Most that an object bends further per frame, relative to its longer side, and the frames after which it is bent."""
FADING, FADED = 1.2, 20.0
"""Standard deviation of the change of brightness per frame, and the frames after which it changes no more."""
REACH = 1.15
"""An object that bends is looked for in a box larger by this factor."""
EDGE = 0.7
"""Standard deviation, in pixels, of the blur of an object's edge."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What a cutout looks like at its first size."""

    surface: Light  # (H, W, 3)
    cover: Light  # (H, W) in 0..1
    scale: float


@dataclass(frozen=True, slots=True)
class Course:
    """Where a cutout is, how it is turned and how large, as functions of time."""

    start: Vector  # (2,)
    velocity: Vector  # (2,)
    acceleration: Vector  # (2,)
    angle: float  # radians
    turn: float  # radians per frame
    growth: float  # of the logarithm of the size, per frame

    def stance(self, time: float, scale: float, mirror: int) -> Stance:
        """The stance at a time, of a figure of this scale; mirrored if `mirror` is -1."""
        slowed = SLOWING * math.tanh(time / SLOWING)
        size = scale * math.exp(min(max(self.growth * slowed, -MOST_GROWTH), MOST_GROWTH))
        angle = self.angle + self.turn * slowed
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        centre = self.start + self.velocity * slowed + 0.1 * self.acceleration * slowed * min(time, PUSH)
        if np.abs(centre).max() > AWAY * SIDE:
            centre = (centre + BEYOND * SIDE) % ((1 + 2 * BEYOND) * SIDE) - BEYOND * SIDE
        return Stance(centre, turn @ np.diag([size * mirror, size]), size)


@dataclass(frozen=True, slots=True)
class Stance:
    """How a figure is laid onto the canvas."""

    centre: Vector  # (2,)
    linear: Vector  # (2, 2), from pixels of the figure to those of the canvas
    scale: float


@dataclass(frozen=True, slots=True)
class Bend:
    """How a cutout bends: to and fro along one field, ever further along another."""

    waving_field: Field  # (F, F, 2), F the side of a field
    bending_field: Field
    waving: float
    phase: float
    bending: float

    def at(self, time: float) -> Field:
        """(F, F, 2) shift in x and y of what a pixel shows, relative to the object's longer side."""
        waved = self.waving * math.sin(WAVE_RATE * time + self.phase)
        bent = self.bending * min(time, BENT)
        return (self.waving_field * waved + self.bending_field * bent).astype(np.float32)


@dataclass(frozen=True, slots=True)
class MovingCutout:
    """An object that moves."""

    figure: Figure
    course: Course
    mirror: int
    bend: Bend
    fading: float

    def shown(self, canvas: Light, time: float) -> Mask:
        """Draw the object onto the canvas as it is at a time; returns where it hides what is below, (SIDE, SIDE)."""
        hides = np.zeros((SIDE, SIDE), np.bool_)
        stance = self.course.stance(time, self.figure.scale, self.mirror)
        part = self._reach(stance)
        if part is None:
            return hides
        where = self._source(stance, part, time)
        surface = blurred(self.figure.surface, stance.scale)
        light = _sampled(surface, where, cv2.BORDER_REPLICATE) + np.float32(self.fading * min(time, FADED))
        covered = _sampled(blurred(self.figure.cover, stance.scale), where, cv2.BORDER_CONSTANT)
        alpha = cv2.GaussianBlur(covered, (0, 0), EDGE)[..., None]
        canvas[part] = canvas[part] * (1 - alpha) + light * alpha
        hides[part] = covered > 0.5
        return hides

    def _reach(self, stance: Stance) -> tuple[slice, slice] | None:
        """Rows and columns of the canvas that the object may be seen in, or None."""
        height, width = self.figure.cover.shape
        reach = np.abs(stance.linear) @ np.array([width / 2, height / 2]) * REACH + 3
        low, high = np.maximum(0, stance.centre - reach), np.minimum(SIDE, stance.centre + reach + 1)
        columns, rows = ((int(first), int(end)) for first, end in zip(low, high, strict=True))
        if min(columns[1] - columns[0], rows[1] - rows[0]) < 2:
            return None
        return slice(*rows), slice(*columns)

    def _source(self, stance: Stance, part: tuple[slice, slice], time: float) -> Field:
        """(h, w, 2) point of the figure that each pixel of a part of the canvas shows."""
        height, width = self.figure.cover.shape
        y, x = np.mgrid[part].astype(np.float32)
        straight = np.stack([x - stance.centre[0], y - stance.centre[1]], axis=2) @ np.linalg.inv(stance.linear).T
        straight += np.array([width / 2, height / 2])
        field = self.bend.at(time)
        on_field = (straight / [width, height] * (len(field) - 1)).astype(np.float32)
        return (straight + _sampled(field, on_field, cv2.BORDER_REPLICATE) * max(height, width)).astype(np.float32)


def figure_of(appearance: Appearance, random: Generator) -> Figure:
    """An object of some size, in some light."""
    scale = SIDE * _between(SCALES, random) / max(appearance.cover.shape)
    surface = relit(appearance.rgb, random) if random.random() < RELIT else appearance.rgb.astype(np.float32)
    return Figure(surface, appearance.cover, scale)


def moving_cutout(figure: Figure, random: Generator) -> MovingCutout:
    """Draw what an object does."""
    speed, direction = _between(SPEEDS, random), random.uniform(0, 2 * math.pi)
    course = Course(
        start=random.uniform(*STARTS, 2) * SIDE,
        velocity=speed * np.array([math.cos(direction), math.sin(direction)]),
        acceleration=random.normal(0, ACCELERATION, 2),
        angle=math.radians(random.normal(0, LEAN)),
        turn=math.radians(random.normal(0, TURN)),
        growth=random.normal(0, GROWTH),
    )
    mirror = int(random.choice([-1, 1]))
    bend = Bend(
        waving_field=_elastic_field(random),
        bending_field=_elastic_field(random),
        waving=random.uniform(0, WAVING),
        phase=random.uniform(0, 2 * math.pi),
        bending=random.uniform(0, BENDING),
    )
    return MovingCutout(figure, course, mirror, bend, fading=random.normal(0, FADING))


def _between(bounds: tuple[float, float], random: Generator) -> float:
    """A number whose logarithm is uniform."""
    low, high = bounds
    return math.exp(random.uniform(math.log(low), math.log(high)))


def _elastic_field(random: Generator) -> Field:
    """(F, F, 2) smooth noise of about unit size."""
    knots = np.ascontiguousarray(random.normal(size=(2, KNOTS, KNOTS)).transpose(1, 2, 0))
    smooth = cv2.resize(knots, (KNOTS * PER_KNOT,) * 2, interpolation=cv2.INTER_CUBIC)
    outside = PER_KNOT // 2  # of the outermost knots
    return smooth[outside:-outside, outside:-outside].astype(np.float32)


def _sampled(layer: Field, where: Field, border: int) -> Field:
    """A layer (H, W, ...) read at (h, w, 2) points -> (h, w, ...)."""
    return cv2.remap(layer, where[..., 0], where[..., 1], cv2.INTER_LINEAR, borderMode=border).astype(np.float32)
