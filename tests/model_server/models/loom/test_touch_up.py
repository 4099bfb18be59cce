"""A corrective click changes what is near and alike, and always prevails at its own place."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from model_server.evaluation.vos import iou
from model_server.models.loom import touch_up
from model_server.models.loom.touch_up import LIMIT, SURE, is_beyond_touching_up, touched_up
from model_server.models.sam2.geometry import InputGeometry
from model_server.segmenter import Click, FramePrompt
from tests.model_server.models.loom.small_model import a_model
from tests.model_server.moving_disc import MovingDisc, run, same

SIDE = 32
VIDEO = InputGeometry(video_height=4 * SIDE, video_width=8 * SIDE, input_size=4 * SIDE, device=torch.device("cpu"))


def halves() -> torch.Tensor:
    """(1, 2, SIDE, SIDE): the left half looks otherwise than the right."""
    places = torch.zeros(1, 2, SIDE, SIDE)
    places[:, 0, :, : SIDE // 2], places[:, 1, :, SIDE // 2 :] = 1, 1
    return places


def at(row: int, column: int, positive: bool = True) -> Click:
    """A click in the middle of a place, in pixels of the video."""
    return Click(8.0 * column + 4, 4.0 * row + 2, positive)


def touched(logits: torch.Tensor, *clicks: Click) -> torch.Tensor:
    return touched_up(logits, halves(), clicks, VIDEO)


@pytest.mark.parametrize("positive", [True, False])
def test_the_clicked_place_ends_on_the_side_of_the_click(positive: bool) -> None:
    sign = 1 if positive else -1
    logits = torch.full((1, 1, SIDE, SIDE), -30.0 * sign)
    after = touched(logits, at(10, 5, positive))
    assert after[0, 0, 10, 5] * sign > 0
    assert (after * sign)[0, 0, 30, 30] < 0


def test_what_is_near_and_alike_follows_and_what_is_far_or_unlike_does_not() -> None:
    after = touched(torch.full((1, 1, SIDE, SIDE), -2.0), at(10, 14))[0, 0]
    assert after[10, 12] > 0  # alike, two places away
    assert after[10, 16] < 0  # unlike, two places away
    assert after[10, 0] < 0  # alike, far away
    assert after[31, 14] == pytest.approx(-2.0, abs=0.05)


def test_a_click_that_is_heeded_already_changes_nothing() -> None:
    logits = torch.full((1, 1, SIDE, SIDE), SURE + 0.1)
    assert torch.equal(touched(logits, at(3, 3)), logits)
    assert torch.equal(touched(100 * logits), torch.full_like(logits, LIMIT))


def test_all_clicks_hold_after_the_last() -> None:
    clicks = (at(10, 6), at(10, 8, False), at(12, 7), at(9, 7, False))
    after = touched(torch.full((1, 1, SIDE, SIDE), -3.0), *clicks)[0, 0]
    for click in clicks:
        assert (after[int(click.y // 4), int(click.x // 8)] > 0) == click.positive


def test_a_click_more_is_applied_once_more_and_not_all_of_them_again(monkeypatch: pytest.MonkeyPatch) -> None:
    applied: list[tuple[int, int]] = []
    touch = touch_up._touch

    def counted(logits: torch.Tensor, cells: torch.Tensor, cell: tuple[int, int], *more: float) -> torch.Tensor:
        applied.append(cell)
        return touch(logits, cells, cell, *more)

    monkeypatch.setattr(touch_up, "_touch", counted)
    counts: list[int] = []
    for number in (99, 100):
        applied.clear()
        touched(torch.full((1, 1, SIDE, SIDE), -3.0), *(at(k % SIDE, k % 30, k % 3 < 2) for k in range(number)))
        counts.append(len(applied))
    assert counts[1] - counts[0] == 1


def test_a_correction_of_a_carried_frame_leaves_the_rest_of_its_mask_alone() -> None:
    video, model = MovingDisc(), a_model()
    session = model.open(video)
    session.prompt("a", 0, FramePrompt(mask=video.disc(0)))
    before = run(session, range(1, 5))[-1]
    outside = Click(150.0, 80.0, True)
    after = session.prompt("a", 4, FramePrompt((outside,)))
    assert after.mask[80, 150]
    left = slice(0, video.width // 2)
    assert (after.mask[:, left] == before.mask[:, left]).mean() > 0.99
    assert after.object_score > 0
    undone = session.prompt("a", 4, FramePrompt((outside, Click(150.0, 80.0, False))))
    assert not undone.mask[80, 150]


def test_where_nothing_arrived_the_image_answers_as_on_a_fresh_frame() -> None:
    video, model = MovingDisc(), a_model()
    session = model.open(video)
    session.prompt("a", 0, FramePrompt(mask=np.zeros((video.height, video.width), bool)))
    assert not session.track("a", 1, "forward").mask.any()
    x, y = video.centre(1)
    prompt = FramePrompt((Click(x, y, True),))
    assert same(session.prompt("a", 1, prompt), model.open(video).prompt("a", 1, prompt))


def test_taking_back_the_last_click_gives_the_mask_from_before_it() -> None:
    video, model = MovingDisc(), a_model()
    session = model.open(video)
    session.prompt("a", 0, FramePrompt(mask=video.disc(0)))
    run(session, range(1, 3))
    clicks = (Click(20.0, 20.0, True), Click(120.0, 60.0, True))
    first = session.prompt("a", 2, FramePrompt(clicks[:1]))
    second = session.prompt("a", 2, FramePrompt(clicks))
    assert not same(first, second)
    assert same(session.prompt("a", 2, FramePrompt(clicks[:1])), first)


def test_places_of_the_frame_decide_not_its_neighbours_alone() -> None:
    blank = functional.normalize(torch.ones(1, 2, SIDE, SIDE), dim=1)
    logits = torch.full((1, 1, SIDE, SIDE), -2.0)
    blind = touched_up(logits, blank, (at(10, 14),), VIDEO)
    assert (blind > 0).sum() > (touched(logits, at(10, 14)) > 0).sum()


def a_band() -> torch.Tensor:
    """(1, 1, SIDE, SIDE) logits of a mask in the first 8 of 32 rows."""
    logits = torch.full((1, 1, SIDE, SIDE), -5.0)
    logits[0, 0, :8] = 5.0
    return logits


@pytest.mark.parametrize(
    ("clicks", "expected"),
    [
        ((at(2, 2), at(2, 5), at(28, 3)), True),  # far below the mask
        ((at(2, 2), at(9, 5), at(9, 9)), False),  # just below it
        ((at(2, 2), at(28, 3)), False),  # too few to say
        ((at(2, 2), at(28, 5, False), at(30, 9, False)), False),  # they say what the mask says
        ((at(2, 2), at(6, 5, False), at(20, 9, False)), False),  # in it, but near its edge
    ],
)
def test_a_mask_is_wrong_altogether_when_a_click_contradicts_it_far_from_its_edge(
    clicks: tuple[Click, ...], expected: bool
) -> None:
    assert is_beyond_touching_up(a_band(), clicks, VIDEO) is expected


def test_an_empty_mask_is_not_wrong_altogether() -> None:
    clicks = (at(2, 2), at(2, 5), at(28, 3))
    assert not is_beyond_touching_up(torch.full((1, 1, SIDE, SIDE), -5.0), clicks, VIDEO)


def test_a_carried_mask_that_is_wrong_altogether_is_cut_out_and_its_clicks_hold() -> None:
    video, model = MovingDisc(), a_model()
    x, y = video.centre(4)
    clicks = (Click(x, y, True), Click(x + 8, y, True), Click(x, y + 8, True), Click(12.0, 80.0, False))
    elsewhere = np.zeros((video.height, video.width), bool)
    elsewhere[75:85, 5:20] = True
    session = model.open(video)
    session.prompt("a", 4, FramePrompt(mask=elsewhere))
    few = session.prompt("a", 4, FramePrompt(clicks[:2])).mask
    mask = session.prompt("a", 4, FramePrompt(clicks)).mask
    assert iou(video.disc(4), mask) > 0.95 > iou(video.disc(4), few)
    for click in clicks:
        assert mask[int(click.y), int(click.x)] == click.positive
