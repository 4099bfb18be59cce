"""One kind of clip for each limit of trackers that the paper names, drawn from a seed.

The surfaces and outlines are of the kinds that `training/clips` draws; places, courses, camera and seeds are not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from model_server.measurement.limits import courses
from model_server.measurement.limits.bodies import (
    BEND,
    THREADS,
    Body,
    Floats,
    Points,
    bending,
    compact_body,
    thread,
    wall,
)
from model_server.measurement.limits.film import DrawnClip, MovingBody, Shot, cut_away, film
from model_server.measurement.limits.scenery import camera, scenery

HEIGHT, WIDTH = 270, 480
SEED = 20_261_130
"""Of all clips; the generator of training clips counts from 0."""
OBJECT, OTHER = "1", "2"


@dataclass(frozen=True, slots=True)
class Limit:
    """What trackers find hard, and a clip of it."""

    name: str
    draw: Callable[[Generator, str, int], DrawnClip]
    """Given a generator, the clip's name and its number among those of the limit."""


def drawn_clip(limit: Limit, number: int, seed: int = 0) -> DrawnClip:
    """The clip of this number; other seeds draw others."""
    rng = np.random.default_rng([SEED, seed, LIMITS.index(limit), number])
    return limit.draw(rng, f"{limit.name.replace(' ', '_')}_{number}", number)


def _hidden(gone: int) -> Callable[[Generator, str, int], DrawnClip]:
    def draw(rng: Generator, name: str, number: int) -> DrawnClip:
        """Behind what stands in its way, or behind what passes before it."""
        leaving, num_frames = 10, 22 + gone
        place, moved = scenery(rng, HEIGHT, WIDTH), camera(rng, num_frames)
        body = compact_body(rng, rng.uniform(55, 85), place)
        angle = courses.waves(rng, num_frames, 0.06)
        reach = max(body.reach(each)[0] for each in angle) + BEND * body.half
        edge = rng.uniform(24, 40) + gone / 2
        side = 1 if rng.random() < 0.5 else -1
        passes = number % 2 == 1
        speed = rng.uniform(16, 22) if passes else rng.uniform(9, 12)
        offset = side * courses.passage(leaving, gone, num_frames, edge=edge, speed=speed)
        still = np.array([WIDTH / 2 + rng.uniform(-30, 30), HEIGHT / 2]) + moved
        sideways = np.stack([offset, np.zeros(num_frames)], axis=1)
        height = _shift(0, rng.uniform(0.45, 0.68) * HEIGHT - HEIGHT / 2 + courses.waves(rng, num_frames, 5))
        hiding, hidden = (still - sideways, still) if passes else (still, still + sideways)
        cover = wall(rng, edge + reach, HEIGHT)
        bodies = [
            _bystander(rng, place, num_frames),
            MovingBody(body, hidden + height, angle, bending(rng, num_frames), OBJECT),
            _rigid(cover, np.stack([hiding[:, 0], still[:, 1]], axis=1)),
        ]
        return film(rng, name, Shot(place, moved, bodies), after=leaving + gone)

    return draw


def _returning(rng: Generator, name: str, number: int) -> DrawnClip:
    """Out at one edge, and in again at another or far away at the same one."""
    leaving, gone, back = 12, 10, 20
    num_frames = leaving + gone + back
    place, moved = scenery(rng, HEIGHT, WIDTH), camera(rng, num_frames)
    body = compact_body(rng, rng.uniform(50, 75), place)
    reach = tuple(each + BEND * body.half for each in body.reach(0.0))
    out = -1 if number % 2 == 0 else 1  # to the left or to the right
    x = WIDTH / 2 + out * (
        WIDTH / 2 + courses.departure(leaving, num_frames, beyond=reach[0], speed=rng.uniform(9, 13))
    )
    low = rng.uniform(0.55, 0.75) * HEIGHT
    away = np.stack([x, low + courses.waves(rng, num_frames, 4)], axis=1)
    if number % 4 < 2:  # in from the other side
        x = WIDTH / 2 - out * (
            WIDTH / 2 + courses.departure(back, num_frames, beyond=reach[0], speed=rng.uniform(7, 10))
        )
        again = np.stack([x[::-1], rng.uniform(0.3, 0.6) * HEIGHT + courses.waves(rng, num_frames, 4)], axis=1)
    else:  # in from above
        y = -courses.departure(back, num_frames, beyond=reach[1], speed=rng.uniform(5, 7))[::-1]
        x = WIDTH / 2 - out * rng.uniform(0.05, 0.3) * WIDTH
        again = np.stack([x + courses.waves(rng, num_frames, 6), y], axis=1)
    bend, still = bending(rng, num_frames), np.zeros(num_frames)
    bodies = [
        _bystander(rng, place, num_frames),
        MovingBody(body, away, still, bend, OBJECT),
        MovingBody(body, again, still, bend, OBJECT),
    ]
    return film(rng, name, Shot(place, moved, bodies), after=leaving + gone)


def _crossing(rng: Generator, name: str, number: int) -> DrawnClip:
    """Two of the same looks meet, one before the other, and go on."""
    num_frames = 40
    place, moved = scenery(rng, HEIGHT, WIDTH), camera(rng, num_frames)
    body = compact_body(rng, rng.uniform(50, 70), place)
    speed = rng.uniform(5.0, 6.5)
    middle = WIDTH / 2 + rng.uniform(-20, 20)
    time = np.arange(num_frames, dtype=np.float64) - (num_frames - 1) / 2 + 4
    level = rng.uniform(0.45, 0.65) * HEIGHT
    apart = rng.uniform(0.1, 0.3) * body.half
    bodies = [_bystander(rng, place, num_frames)]
    for object_id, side in ((OBJECT, 1.0), (OTHER, -1.0)):
        y = level + side * apart + courses.waves(rng, num_frames, 3)
        path: Points = np.stack([middle + side * speed * time, y], axis=1)
        bodies.append(MovingBody(body, path, np.zeros(num_frames), bending(rng, num_frames), object_id))
    bodies[1:] = bodies[1:] if number % 2 else bodies[:0:-1]  # either is in front
    widths = 2 * (body.reach(0.0)[0] + BEND * body.half)
    apart_again = np.flatnonzero(2 * speed * time > widths)
    return film(rng, name, Shot(place, moved, bodies), after=int(apart_again[0]))


def _cut(rng: Generator, name: str, number: int) -> DrawnClip:
    """To a shot of another place with other bodies, and back."""
    away, num_frames = range(13, 25), 42
    shots = [_strolling(rng, name, num_frames, longer=rng.uniform(50, 90)) for _ in range(2)]
    return cut_away(shots[0], shots[1], away)


def _thin(rng: Generator, name: str, number: int) -> DrawnClip:
    """Lines, turning and wandering."""
    num_frames = 40
    place, moved = scenery(rng, HEIGHT, WIDTH), camera(rng, num_frames)
    body = thread(rng, THREADS[number % len(THREADS)], rng.uniform(2, 4), place)
    path = _wandering(rng, num_frames, body, rng.uniform(2, 4))
    angle = np.linspace(0, rng.uniform(-0.6, 0.6), num_frames) + courses.waves(rng, num_frames, 0.1)
    bodies = [_bystander(rng, place, num_frames), MovingBody(body, path, angle, bending(rng, num_frames), OBJECT)]
    return film(rng, name, Shot(place, moved, bodies))


def _fast(rng: Generator, name: str, number: int) -> DrawnClip:
    """Farther on each frame than it is long."""
    num_frames = 40
    place, moved = scenery(rng, HEIGHT, WIDTH), camera(rng, num_frames)
    body = compact_body(rng, rng.uniform(24, 34), place)
    longer = 2 * max(body.reach(0.0))
    path = courses.circuit(
        rng,
        num_frames,
        middle=np.array([WIDTH / 2, HEIGHT / 2]),
        radii=np.array([WIDTH / 2 - 40, HEIGHT / 2 - 40]) * rng.uniform(0.85, 1, 2),
        step=longer * rng.uniform(1.2, 1.5),
    )
    angle = np.linspace(0, rng.uniform(-2, 2), num_frames)
    bodies = [_bystander(rng, place, num_frames), MovingBody(body, path, angle, bending(rng, num_frames), OBJECT)]
    return film(rng, name, Shot(place, moved, bodies))


def _small(rng: Generator, name: str, number: int) -> DrawnClip:
    """A few pixels large."""
    return _strolling(rng, name, 40, longer=rng.uniform(10, 16))


LIMITS = (
    Limit("hidden for ten frames", _hidden(10)),
    Limit("hidden for thirty frames", _hidden(30)),
    Limit("leaves and returns elsewhere", _returning),
    Limit("look-alikes cross", _crossing),
    Limit("cut and return", _cut),
    Limit("thin", _thin),
    Limit("fast", _fast),
    Limit("small", _small),
)


def _strolling(rng: Generator, name: str, num_frames: int, *, longer: float) -> DrawnClip:
    """A body of this size that walks about."""
    place, moved = scenery(rng, HEIGHT, WIDTH), camera(rng, num_frames)
    body = compact_body(rng, longer, place)
    path = _wandering(rng, num_frames, body, rng.uniform(1.5, 4))
    angle = courses.waves(rng, num_frames, 0.15)
    bodies = [_bystander(rng, place, num_frames), MovingBody(body, path, angle, bending(rng, num_frames), OBJECT)]
    return film(rng, name, Shot(place, moved, bodies))


def _wandering(rng: Generator, num_frames: int, body: Body, speed: float) -> Points:
    """(T, 2) a walk that stays in the picture."""
    low = np.full(2, body.half * 0.9 + 4)
    high = np.array([WIDTH, HEIGHT]) - low
    return courses.bounced(courses.stroll(rng, num_frames, start=rng.uniform(low, high), speed=speed), low, high)


def _bystander(rng: Generator, place: Floats, num_frames: int) -> MovingBody:
    """Another body, behind all others, that nobody asks for."""
    body = compact_body(rng, rng.uniform(30, 80), place)
    path = _wandering(rng, num_frames, body, rng.uniform(0.5, 2.5))
    return MovingBody(body, path, courses.waves(rng, num_frames, 0.1), bending(rng, num_frames))


def _rigid(body: Body, path: Points) -> MovingBody:
    return MovingBody(body, path, np.zeros(len(path)), np.zeros((len(path), 2, 2, 2), np.float32))


def _shift(x: float, y: Points) -> Points:
    """(T, 2) from one coordinate by frame."""
    return np.stack([np.full(len(y), float(x)), y], axis=1)
