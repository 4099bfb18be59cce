"""Random motion of cameras and objects: smooth affine paths, bending and absence.

An affine here maps output coordinates to source coordinates, both in [-1, 1], x then y: the direction grid_sample
needs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Pose:
    """Position of a thing by frame: centre and half-size in [-1, 1] of the frame, rotation and aspect."""

    centre: np.ndarray  # (T, 2)
    half_size: np.ndarray  # (T,)
    angle: np.ndarray  # (T,) radians
    log_aspect: np.ndarray  # (T,)

    def matrices(self) -> np.ndarray:
        """(T, 3, 3) float64, thing -> frame."""
        num_frames = len(self.half_size)
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        stretch = np.exp(np.stack([self.log_aspect, -self.log_aspect], axis=1) / 2) * self.half_size[:, None]
        matrix = np.zeros((num_frames, 3, 3))
        matrix[:, 0, 0], matrix[:, 0, 1] = cos * stretch[:, 0], -sin * stretch[:, 1]
        matrix[:, 1, 0], matrix[:, 1, 1] = sin * stretch[:, 0], cos * stretch[:, 1]
        matrix[:, :2, 2] = self.centre
        matrix[:, 2, 2] = 1
        return matrix


def wander(rng: np.random.Generator, num_frames: int, *, drift: float, sway: float) -> np.ndarray:
    """(T,) path from 0: a constant drift per frame plus one slow oscillation of amplitude `sway`."""
    time = np.arange(num_frames)
    phase, frequency = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 1.2)
    oscillation = sway * (np.sin(frequency * time + phase) - np.sin(phase))
    return rng.normal(0, drift) * time + oscillation


def object_pose(rng: np.random.Generator, num_frames: int, *, half_size: float, speed: float) -> Pose:
    """A pose inside the frame at first; `speed` is the typical displacement per frame, in half frames."""
    start = rng.uniform(-0.8, 0.8, 2)
    centre = np.stack([start[i] + wander(rng, num_frames, drift=speed, sway=speed) for i in range(2)], axis=1)
    relative = min(speed * 2, 0.3)
    return Pose(
        centre=centre,
        half_size=half_size * np.exp(np.clip(wander(rng, num_frames, drift=relative / 4, sway=relative / 4), -1, 1)),
        angle=rng.uniform(-np.pi, np.pi) + wander(rng, num_frames, drift=relative, sway=relative),
        log_aspect=rng.normal(0, 0.35) + wander(rng, num_frames, drift=0, sway=relative),
    )


def camera_pose(rng: np.random.Generator, num_frames: int, *, speed: float) -> Pose:
    """Motion of the static world relative to the camera, per frame in half frames."""
    return Pose(
        centre=np.stack([wander(rng, num_frames, drift=speed, sway=speed) for _ in range(2)], axis=1),
        half_size=np.exp(np.clip(wander(rng, num_frames, drift=speed / 3, sway=speed / 3), -0.5, 0.5)),
        angle=wander(rng, num_frames, drift=speed / 4, sway=speed / 4),
        log_aspect=np.zeros(num_frames),
    )


def bending(rng: np.random.Generator, num_frames: int, *, cells: int, amplitude: float) -> np.ndarray:
    """(T, 2, cells, cells) float32 displacement in the thing's own coordinates, oscillating in time."""
    time = np.arange(num_frames)[:, None, None, None]
    strength = amplitude * rng.standard_normal((1, 2, cells, cells))
    phase = rng.uniform(0, 2 * np.pi, (1, 2, cells, cells))
    frequency = rng.uniform(0.05, 1.0)
    return (strength * np.sin(frequency * time + phase)).astype(np.float32)


def presence(rng: np.random.Generator, num_frames: int, *, chance_of_absence: float) -> np.ndarray:
    """(T,) bool: with the given probability, absent for some frames after the first; it often returns."""
    present = np.ones(num_frames, bool)
    if num_frames > 1 and rng.random() < chance_of_absence:
        first = int(rng.integers(1, num_frames))
        last = num_frames if rng.random() < 0.3 else int(rng.integers(first + 1, num_frames + 1))
        present[first:last] = False
    return present
