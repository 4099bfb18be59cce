"""Masks are carried as tracking carries them; told frames, loss and frames of a step are as the recipe says."""

from pathlib import Path

import numpy as np
import pytest
import torch

from model_server.models.loom.correspondence import Correspondence
from model_server.models.loom.trunk.efficientnet_lite import EfficientNetLite
from model_server.training.neck.neck_step import NUM_FRAMES, carried, carried_loss, neck_loss
from model_server.training.neck.seen_clips import MovingObjects, Passage, passage_of
from model_server.training.objectives.losses import dice_loss
from tests.model_server.models.loom.trunk.published import published_weights
from tests.model_server.training.neck.moving_discs import LENGTH, SIDE, moving_discs


@pytest.fixture
def clips(tmp_path: Path) -> MovingObjects:
    return moving_discs(tmp_path / "clips", 2)


@pytest.fixture
def correspondence() -> Correspondence:
    torch.manual_seed(3)
    return Correspondence(None, 16)


def test_a_passage_holds_its_frames_and_the_shares_of_their_cells(clips: MovingObjects) -> None:
    clip = clips[1]
    passage = passage_of(clip, [0, 3, 4])
    assert passage.shares.shape == (3, 2, SIDE // 4, SIDE // 4)
    assert torch.equal(passage.levels[0], clip.levels[0][[0, 3, 4]].float())
    covered = clip.objects[1, 3, 16:20, 40:44].mean()
    assert passage.shares[1, 1, 4, 10].item() == pytest.approx(float(covered))


def test_each_frame_is_kept_as_the_trunk_sees_it(clips: MovingObjects) -> None:
    clip = clips[0]
    with torch.no_grad():
        seen = EfficientNetLite(published_weights())(clip.pixels[4:5].float())
    for level, expected in zip(clip.levels, seen, strict=True):
        assert len(level) == LENGTH
        assert torch.allclose(level[4].float(), expected[0], atol=1e-2, rtol=1e-2)


def test_a_still_clip_is_carried_as_it_is(clips: MovingObjects, correspondence: Correspondence) -> None:
    still = passage_of(clips[0], [0] * LENGTH)
    torch.nn.init.constant_(correspondence.sharpness, 6.0)
    with torch.no_grad():
        assert (carried(correspondence, still).sigmoid() - still.shares[1:]).abs().max() < 0.1


def test_what_is_told_of_a_frame_changes_later_ones_alone(clips: MovingObjects, correspondence: Correspondence) -> None:
    passage = passage_of(clips[0], range(NUM_FRAMES))
    with torch.no_grad():
        alone, told = carried(correspondence, passage), carried(correspondence, passage, told={2})
    assert torch.equal(alone[:2], told[:2])
    assert not torch.equal(alone[2], told[2])


def test_the_gradient_passes_through_what_was_carried_before(
    clips: MovingObjects, correspondence: Correspondence
) -> None:
    passage = passage_of(clips[0], range(4))
    levels = [level.requires_grad_() for level in passage.levels]
    carried(correspondence, Passage(levels, passage.shares))[2].sum().backward()  # from frames 0 and 2
    assert levels[0].grad is not None
    assert levels[0].grad[1].abs().sum() > 0
    loss, row = neck_loss(correspondence, clips, np.random.default_rng(0))
    loss.backward()
    assert all(parameter.grad is not None for parameter in correspondence.parameters())
    assert 0 <= row["carried_iou"] <= 1


def test_a_missed_cell_of_a_small_object_costs_more() -> None:
    truths = torch.zeros(1, 2, 16, 16)
    truths[:, 0, :2, :2], truths[:, 1, :12, :12] = 1, 1
    logits = 8 * (2 * truths - 1)
    assert carried_loss(logits, truths).max() < 0.02
    logits[:, :, 0, 0] = -8
    small, large = (carried_loss(logits, truths) - dice_loss(logits, truths))[0]
    assert small > 10 * large
