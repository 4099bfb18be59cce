"""Generated clips: exact, varied, and the same for the same seed and step."""

from pathlib import Path

import numpy as np
import pytest
import torch

from model_server.training.clips.clip import ClipBatch
from model_server.training.clips.generator import SMALLEST_TARGET, ClipGenerator, ClipShape
from model_server.training.clips.motion import Pose
from model_server.training.clips.real_frames import RealFrames
from model_server.training.clips.scene import Actor, Scene, render
from model_server.training.clips.sprites import Sprite

SHAPE = ClipShape(batch_size=3, num_frames=4, num_targets=2, size=64)


def sprite(colour: float) -> Sprite:
    opaque = np.ones((32, 32), np.float32)
    return Sprite(rgb=np.full((3, 32, 32), colour, np.float32), alpha=opaque, part=opaque)


def standing(x: float, colour: float, present: list[bool]) -> Actor:
    num_frames = len(present)
    zeros = np.zeros(num_frames)
    pose = Pose(np.tile([x, 0.0], (num_frames, 1)), np.full(num_frames, 0.25), zeros, zeros)
    bend = np.zeros((num_frames, 2, 5, 5), np.float32)
    return Actor(sprite(colour), pose, bend, np.array(present), uses_part=False, softness=1.0)


def still_scene(actors: list[Actor], num_frames: int) -> Scene:
    zeros = np.zeros(num_frames)
    camera = Pose(np.zeros((num_frames, 2)), np.ones(num_frames), zeros, zeros)
    return Scene(np.zeros((1, 3, 32, 32), np.float32), camera, actors)


def test_a_step_always_gives_the_same_clips_in_any_order() -> None:
    first, second = ClipGenerator(seed=1, num_surfaces=4), ClipGenerator(seed=1, num_surfaces=4)
    wanted = first.batch(7, SHAPE)
    second.batch(300, SHAPE)
    again = second.batch(7, SHAPE)
    assert torch.equal(wanted.frames, again.frames)
    assert torch.equal(wanted.masks, again.masks)
    assert not torch.equal(wanted.frames, ClipGenerator(seed=2, num_surfaces=4).batch(7, SHAPE).frames)


def test_every_target_shows_on_the_first_frame() -> None:
    batch = ClipGenerator(seed=0, num_surfaces=4).batch(0, SHAPE)
    assert batch.frames.shape == (3, 4, 3, 64, 64)
    assert batch.frames.min() >= 0
    assert batch.frames.max() <= 1
    assert (batch.masks[:, 0].float().mean(dim=(2, 3)) > SMALLEST_TARGET).all()


def test_the_mask_is_where_the_object_was_drawn() -> None:
    frames, seen = render(still_scene([standing(0.0, 1.0, [True])], 1), 64)
    bright = frames[0, 0] > 0.5
    assert np.array_equal(bright, seen[0, 0] > 0.5)
    assert bright.sum() == 16 * 16


def test_an_object_in_front_hides_the_one_behind() -> None:
    back, front = standing(0.0, 1.0, [True]), standing(0.25, 0.5, [True])
    _, seen = render(still_scene([back, front], 1), 64)
    masks = seen[0] > 0.5
    assert masks[0].sum() == 16 * 8
    assert masks[1].sum() == 16 * 16
    assert not (masks[0] & masks[1]).any()


def test_an_absent_object_has_an_empty_mask_and_is_not_drawn() -> None:
    frames, seen = render(still_scene([standing(0.0, 1.0, [True, False, True])], 3), 64)
    assert (seen > 0.5).any(axis=(1, 2, 3)).tolist() == [True, False, True]
    assert frames[1].max() == 0


def test_objects_disappear_in_some_clips() -> None:
    generator = ClipGenerator(seed=0, num_surfaces=4)
    present = torch.cat([generator.batch(step, SHAPE).masks.flatten(3).any(dim=3) for step in range(12)])
    share = present.float().mean().item()
    assert 0.7 < share < 0.99


def test_real_frames_and_outlined_objects_come_from_the_texture_file(tmp_path: Path) -> None:
    green = np.zeros((48, 64, 3), np.uint8)
    green[..., 1] = 255
    outlined = np.dstack([green, np.zeros((48, 64), np.uint8)])
    outlined[10:40, 10:50, 3] = 255
    np.savez(tmp_path / "textures.npz", frame=green, cut=outlined)
    batch = ClipGenerator(seed=0, num_surfaces=4, textures=tmp_path / "textures.npz").batch(0, SHAPE)
    mostly_green = (batch.frames[:, :, 1] > batch.frames[:, :, 0] + 0.2).float().mean().item()
    assert mostly_green > 0.2


def test_a_texture_file_without_frames_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "empty.npz", other=np.zeros(3))
    with pytest.raises(ValueError, match="no uint8 RGB frame"):
        ClipGenerator(seed=0, textures=tmp_path / "empty.npz")


def real_clip() -> np.ndarray:
    """(4, 40, 60, 5): a bright square that moves 5 pixels a frame, region 7 of the second layer."""
    clip = np.full((4, 40, 60, 5), 40, np.uint8)
    clip[..., 3:] = 0
    for t in range(4):
        clip[t, 10:30, 5 + 5 * t : 25 + 5 * t, :3] = 220
        clip[t, 10:30, 5 + 5 * t : 25 + 5 * t, 4] = 7
    return clip


def test_regions_of_a_real_clip_move_with_their_pixels(tmp_path: Path) -> None:
    np.savez(tmp_path / "textures.npz", frame=real_clip()[0, ..., :3], clip=real_clip())
    frames = RealFrames(tmp_path / "textures.npz")
    crops = [frames.clip(np.random.default_rng(seed), 64, num_frames=6, count=3) for seed in range(10)]
    with_region = [crop for crop in crops if crop.shape[1] > 3]  # a window may miss the square, or show little else
    assert len(with_region) > 3
    for crop in with_region:
        bright, mask = crop[:, 0] > 0.5, crop[:, 3] > 0.5
        assert (bright & mask).sum() / (bright | mask).sum() > 0.85
        assert not np.array_equal(mask[0], mask[1])


def test_a_cut_out_is_one_region_and_a_crop_shows_the_regions_it_names(tmp_path: Path) -> None:
    still = real_clip()[0]
    np.savez(tmp_path / "textures.npz", still=still)
    frames = RealFrames(tmp_path / "textures.npz")
    sprite = frames.cutout(np.random.default_rng(0), 32)
    assert sprite[:3, sprite[3] > 0.9].min() > 0.8
    assert 0.5 < sprite[3].mean() < 1
    crop = frames.regions(np.random.default_rng(1), 64, smallest=0.9, count=5)
    assert crop.shape == (1, 4, 64, 64)
    assert crop[0, 0][crop[0, 3] > 0.5].mean() > crop[0, 0][crop[0, 3] < 0.5].mean() + 0.4


def test_a_turned_batch_keeps_masks_on_their_pixels() -> None:
    frames = torch.rand(1, 2, 3, 8, 8)
    batch = ClipBatch(frames, frames[:, :, :1] > 0.5)
    seen = set()
    for quarter_turns in range(4):
        for mirrored in (False, True):
            turned = batch.turned(quarter_turns, mirrored)
            assert torch.equal(turned.masks, turned.frames[:, :, :1] > 0.5)
            seen.add(turned.masks.numpy().tobytes())
    assert len(seen) == 8
