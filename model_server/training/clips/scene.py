"""Composes a clip: a moving background, sprites in depth order, and masks of the visible parts of the targets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from model_server.training.clips.clip import Clip
from model_server.training.clips.motion import Pose, bending, camera_pose, object_pose, presence
from model_server.training.clips.sprites import Sprite

DART_SHARE = 0.5  # of the thin sprites cross the frame within a few frames, as balls and rackets do


@dataclass(frozen=True, slots=True)
class Actor:
    """A sprite and its path through the clip."""

    sprite: Sprite
    pose: Pose
    bend: np.ndarray  # (T, 2, cells, cells)
    present: np.ndarray  # (T,) bool
    uses_part: bool  # the target is one part of the sprite, not the whole
    softness: float  # width of the edge relative to an antialiased one


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a clip shows; actors back to front."""

    background: np.ndarray  # (1 or T, 3 + R, P, P) float32; channels after RGB cover objects that belong to it
    camera: Pose
    actors: list[Actor]


def cast_actor(rng: np.random.Generator, sprite: Sprite, num_frames: int) -> Actor:
    """Give a sprite a size, a path, a deformation and sometimes an absence."""
    speed = 10 ** rng.uniform(-2.7, -0.7)
    reach = _reach(sprite.alpha)
    half_size = np.exp(rng.uniform(float(np.log(0.12)), float(np.log(0.8)))) / reach
    chance = 0.3
    if sprite.is_thin and rng.random() < DART_SHARE:
        speed, chance = 10 ** rng.uniform(-1.0, -0.4), 0.0
    return Actor(
        sprite=sprite,
        pose=object_pose(rng, num_frames, half_size=half_size, speed=0.0 if rng.random() < 0.15 else speed),
        bend=bending(rng, num_frames, cells=5, amplitude=float(rng.choice([0.0, 0.03, 0.08]))),
        present=presence(rng, num_frames, chance_of_absence=chance),
        uses_part=bool(rng.random() < 0.12),
        softness=float(rng.choice([1.0, 1.0, 2.0, 4.0])),
    )


def cut_away(rng: np.random.Generator, shot: Clip, other: Clip) -> Clip:
    """A hard cut to another shot and, in half of the cases, back: the objects of the first are absent meanwhile."""
    num_frames = len(shot.frames)
    away = int(rng.integers(1, num_frames))
    back = num_frames if rng.random() < 0.5 else int(rng.integers(away + 1, num_frames + 1))
    frames, masks = shot.frames.copy(), shot.masks.copy()
    frames[away:back], masks[away:back] = other.frames[away:back], False
    return Clip(frames, masks)


def shoot_camera(rng: np.random.Generator, num_frames: int) -> Pose:
    """Draw a camera path: a tripod, a hand-held camera or a pan."""
    return camera_pose(rng, num_frames, speed=0.0 if rng.random() < 0.25 else 10 ** rng.uniform(-3, -1))


def render(scene: Scene, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Frames (T, 3, H, W) in [0, 1] and how much of each object is seen, (T, N, H, W) in [0, 1].

    The background's own objects come first, then the actors.
    """
    camera = scene.camera.matrices()
    # The world is wider than the view: scale 1.3 leaves a margin to pan into; beyond it the world is mirrored.
    world = np.linalg.inv(camera) / np.array([1.3, 1.3, 1.0])[None, :, None]
    still = _sample(scene.background, world, bend=None, size=size, padding="reflection")
    frames, residents = still[:, :3], still[:, 3:]
    num_residents = residents.shape[1]
    unseen = np.zeros((len(camera), len(scene.actors), size, size), np.float32)
    seen = np.concatenate([residents, unseen], axis=1)
    for index, actor in enumerate(scene.actors, start=num_residents):
        source = np.concatenate([actor.sprite.rgb, actor.sprite.alpha[None], actor.sprite.part[None]])
        to_sprite = np.linalg.inv(camera @ actor.pose.matrices())
        layer = _sample(source, to_sprite, bend=actor.bend, size=size, padding="zeros")
        layer[:, 3:] *= actor.present[:, None, None, None]
        alpha = layer[:, 3:4]
        if actor.softness > 1:
            alpha = np.clip((alpha - 0.5) / actor.softness + 0.5, 0, 1) * np.minimum(alpha * 4, 1)
        frames = frames * (1 - alpha) + layer[:, :3] * alpha
        seen[:, :index] *= 1 - layer[:, None, 3]
        seen[:, index] = layer[:, 4] if actor.uses_part else layer[:, 3]
    return frames, seen


def _reach(alpha: np.ndarray) -> float:
    """Half of the larger side of the sprite's bounding box, relative to its canvas."""
    rows, columns = np.flatnonzero(alpha.max(axis=1) > 0.5), np.flatnonzero(alpha.max(axis=0) > 0.5)
    if not len(rows) or not len(columns):
        return 1.0
    return max(int(np.ptp(rows)), int(np.ptp(columns)), 8) / alpha.shape[0]


def _sample(
    source: np.ndarray, to_source: np.ndarray, *, bend: np.ndarray | None, size: int, padding: str
) -> np.ndarray:
    """Sample (C, P, P), or one per frame, through (T, 3, 3) frame -> source matrices: (T, C, H, W)."""
    num_frames = len(to_source)
    theta = torch.as_tensor(to_source[:, :2].astype(np.float32))
    grid = functional.affine_grid(theta, [num_frames, 1, size, size], align_corners=False)
    if bend is not None and bend.any():
        field = torch.as_tensor(bend)
        grid = grid + functional.grid_sample(
            field, grid, mode="bilinear", padding_mode="border", align_corners=False
        ).permute(0, 2, 3, 1)
    stack = torch.as_tensor(np.ascontiguousarray(source)).expand(num_frames, -1, -1, -1)
    return functional.grid_sample(stack, grid, mode="bilinear", padding_mode=padding, align_corners=False).numpy()
