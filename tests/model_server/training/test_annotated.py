"""Training clips cut from annotated videos."""

from pathlib import Path

import numpy as np
import pytest
import torch

from model_server.training.clips.annotated import AnnotatedClips
from model_server.training.clips.generator import ClipShape

SHAPE = ClipShape(batch_size=2, num_frames=3, num_targets=3, size=48)


@pytest.fixture
def annotated(tmp_path: Path) -> Path:
    """A bright square that moves right over the dark, 6 frames; a second object is not there at first."""
    clip = np.zeros((6, 60, 90, 5), np.uint8)
    for index in range(6):
        square = np.s_[20:40, 20 + 6 * index : 40 + 6 * index]
        clip[index, ..., :3] = 40
        clip[(index, *square)][..., :3] = 220
        clip[(index, *square)][..., 3] = 1
    clip[3:, 5:15, 5:15, :3] = 220
    clip[3:, 5:15, 5:15, 4] = 1
    path = tmp_path / "annotated.npz"
    np.savez(path, clip=clip)
    return path


def test_masks_stay_on_what_they_were_drawn_on(annotated: Path) -> None:
    for step in range(8):
        batch = AnnotatedClips(annotated, seed=0).batch(step, SHAPE)
        assert batch.frames.shape == (2, 3, 3, 48, 48)
        assert batch.masks.shape == (2, 3, 3, 48, 48)
        for frames, masks in zip(batch.frames, batch.masks, strict=True):
            square = masks[:, 0]
            inside = frames.mean(dim=1)[square].mean()
            assert inside > frames.mean(dim=1)[~masks.any(dim=1)].mean() + 0.1


def test_every_target_shows_on_the_first_frame(annotated: Path) -> None:
    clips = AnnotatedClips(annotated, seed=0)
    for step in range(20):
        assert clips.batch(step, SHAPE).masks[:, 0].flatten(2).any(dim=2).all()


def test_time_runs_both_ways(annotated: Path) -> None:
    clips = AnnotatedClips(annotated, seed=1)
    columns = [clips.batch(step, SHAPE).masks[0, :, 0].any(dim=1).float().argmax(dim=1) for step in range(20)]
    directions = {int(torch.sign(c[-1] - c[0])) for c in columns}
    assert {-1, 1} <= directions  # mirrored windows turn it round too


def test_a_batch_follows_from_seed_and_step(annotated: Path) -> None:
    one, same = (AnnotatedClips(annotated, seed=3).batch(7, SHAPE) for _ in range(2))
    other = AnnotatedClips(annotated, seed=4).batch(7, SHAPE)
    assert torch.equal(one.frames, same.frames)
    assert not torch.equal(one.frames, other.frames)


def test_a_clip_that_is_too_short_turns_round(annotated: Path) -> None:
    batch = AnnotatedClips(annotated, seed=0).batch(0, ClipShape(batch_size=1, num_frames=10, num_targets=1, size=32))
    assert batch.frames.shape[1] == 10


def test_a_file_without_objects_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.npz"
    np.savez(path, clip=np.zeros((4, 10, 10, 4), np.uint8))
    with pytest.raises(ValueError, match="holds no annotated clip"):
        AnnotatedClips(path, seed=0)
