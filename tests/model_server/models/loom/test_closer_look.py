"""Fresh frames, answered by a network with a correspondence: looked at closely, cut out, a function of the prompt."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from model_server.evaluation.vos import iou
from model_server.models.loom.closer_look import CHAINED_STEPS, REMEMBERED_LOOKS, CloserLook, Look
from model_server.models.loom.tracker import LoomTracker
from model_server.models.sam2.build import Sam2Segmenter
from model_server.models.sam2.geometry import steps
from model_server.models.sam2.tracking.session import Sam2Session
from model_server.segmenter import Box, Click, FramePrompt
from tests.model_server.models.loom.small_model import a_model
from tests.model_server.moving_disc import MovingDisc, click, run, same


@pytest.fixture(scope="module")
def model() -> Sam2Segmenter:
    return a_model()


@dataclass(frozen=True)
class SmallDisc(MovingDisc):
    """The disc, a few pixels wide in a large frame."""

    height: int = 400
    width: int = 640

    def disc(self, frame_index: int) -> NDArray[np.bool_]:
        y, x = np.mgrid[: self.height, : self.width]
        cx, cy = self.centre(frame_index)
        return (x - cx) ** 2 + (y - cy) ** 2 <= 9**2


def box_of(mask: NDArray[np.bool_]) -> Box:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return Box(float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))


@pytest.mark.parametrize("video", [MovingDisc(), SmallDisc()])
def test_a_box_is_cut_out_even_by_a_network_that_has_learned_nothing(model: Sam2Segmenter, video: MovingDisc) -> None:
    result = model.open(video).prompt("a", 0, FramePrompt(box=box_of(video.disc(0))))
    assert iou(video.disc(0), result.mask) > 0.95
    assert result.object_score > 0


def test_a_mask_is_as_fine_as_the_video(model: Sam2Segmenter) -> None:
    video = SmallDisc()
    result = model.open(video).prompt("a", 0, FramePrompt(box=box_of(video.disc(0))))
    stride = video.width // result.low_res_logits.shape[1]
    blocks = result.mask[: 4 * (video.height // 4), : stride * (video.width // stride)]
    shares = blocks.reshape(blocks.shape[0], -1, stride).mean(axis=2)
    assert ((shares > 0) & (shares < 1)).any()


def test_every_click_holds_where_it_was_made(model: Sam2Segmenter) -> None:
    video = MovingDisc()
    x, y = video.centre(0)
    clicks = (
        Click(x, y, True),
        Click(x + 6, y, False),
        Click(150, 80, True),
        Click(152, 82, False),
        Click(x, y - 9, True),
    )
    for count in range(1, len(clicks) + 1):
        mask = model.open(video).prompt("a", 0, FramePrompt(clicks[:count])).mask
        assert [bool(mask[int(at.y), int(at.x)]) for at in clicks[:count]] == [at.positive for at in clicks[:count]]


def test_clicks_after_a_box_start_from_what_the_box_gave(model: Sam2Segmenter) -> None:
    video = MovingDisc()
    box = box_of(video.disc(0))
    x, y = video.centre(0)
    boxed = model.open(video).prompt("a", 0, FramePrompt(box=box)).mask
    clicked = model.open(video).prompt("a", 0, FramePrompt((Click(x + 4, y + 4, False),), box=box)).mask
    assert not clicked[int(y) + 4, int(x) + 4]
    assert iou(boxed, clicked) > 0.8


def test_a_box_holds_its_mask(model: Sam2Segmenter) -> None:
    video = MovingDisc()
    inside = np.zeros((video.height, video.width), bool)
    inside[40:60, 30:50] = True
    for clicks in ((), (Click(35.0, 45.0, True), Click(150.0, 80.0, True))):
        mask = model.open(video).prompt("a", 0, FramePrompt(clicks, box=Box(30, 40, 50, 60))).mask
        assert mask.any()
        assert not (mask & ~inside).any()


def test_an_answer_is_the_same_however_the_prompt_came_about(model: Sam2Segmenter) -> None:
    video = MovingDisc()
    clicks = tuple(Click(40.0 + 7 * k, 45.0 + 3 * k, k % 2 == 0) for k in range(6))
    session = model.open(video)
    grown = [session.prompt("a", 0, FramePrompt(clicks[:count])) for count in range(1, 7)]
    at_once = [model.open(video).prompt("a", 0, FramePrompt(clicks[:count])) for count in range(1, 7)]
    taken_back = [session.prompt("a", 0, FramePrompt(clicks[:count])) for count in range(6, 0, -1)]
    assert all(same(one, other) for one, other in zip(grown, at_once, strict=True))
    assert all(same(one, other) for one, other in zip(grown, reversed(taken_back), strict=True))


def test_a_further_click_costs_one_more_step(model: Sam2Segmenter, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[FramePrompt] = []
    step = CloserLook._step

    def counted(self: CloserLook, frame_index: int, prompt: FramePrompt, before: object) -> object:
        steps.append(prompt)
        return step(self, frame_index, prompt, before)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(CloserLook, "_step", counted)
    video = MovingDisc()
    session = model.open(video)
    clicks = tuple(Click(40.0 + 7 * k, 45.0, True) for k in range(4))
    for count in range(1, 5):
        session.prompt("a", 0, FramePrompt(clicks[:count]))
    assert [len(prompt.clicks) for prompt in steps] == [1, 2, 3, 4]


def test_any_number_of_clicks_takes_seventeen_steps_at_most_and_one_more_takes_one(
    model: Sam2Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    step = CloserLook._step

    def counted(self: CloserLook, frame_index: int, prompt: FramePrompt, before: Look | None) -> object:
        seen.append(len(prompt.clicks))
        return step(self, frame_index, prompt, before)

    monkeypatch.setattr(CloserLook, "_step", counted)
    session = model.open(MovingDisc())
    clicks = tuple(Click(20.0 + k, 40.0 + k % 9, k % 5 != 0) for k in range(101))
    session.prompt("a", 0, FramePrompt(clicks[:100]))
    assert seen == [*range(1, CHAINED_STEPS + 1), 100]
    seen.clear()
    more = session.prompt("a", 0, FramePrompt(clicks))
    assert seen == [101]
    assert same(more, model.open(MovingDisc()).prompt("a", 0, FramePrompt(clicks)))


@dataclass(frozen=True, slots=True)
class HintedPrompt(FramePrompt):
    """A prompt with a field that nobody here knows of."""

    hint: str = ""


def test_a_prompt_that_differs_in_a_field_of_its_own_is_another_prompt(
    model: Sam2Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[FramePrompt] = []
    step = CloserLook._step

    def noted(self: CloserLook, frame_index: int, prompt: FramePrompt, before: Look | None) -> Look:
        seen.append(prompt)
        return step(self, frame_index, prompt, before)

    monkeypatch.setattr(CloserLook, "_step", noted)
    session, clicks = model.open(MovingDisc()), (Click(40.0, 45.0, True), Click(47.0, 45.0, True))
    for hint in ("hair", "hat", "hair"):
        session.prompt("a", 0, HintedPrompt(clicks, hint=hint))
    assert [(len(prompt.clicks), getattr(prompt, "hint", None)) for prompt in seen] == [
        (1, "hair"),
        (2, "hair"),
        (1, "hat"),
        (2, "hat"),
    ]


def test_every_step_of_a_prompt_keeps_what_else_it_says() -> None:
    prompt = HintedPrompt((Click(1, 2, True),), Box(0, 0, 4, 4), memory=False, hint="hat")
    box, click_after = steps(prompt)
    assert box == HintedPrompt(box=prompt.box, memory=False, hint="hat")
    assert click_after == prompt


def test_what_is_remembered_is_bounded_and_can_be_dropped(model: Sam2Segmenter) -> None:
    session = model.open(MovingDisc())
    assert isinstance(session, Sam2Session)
    assert isinstance(session._tracker, LoomTracker)
    look = session._tracker._closer_look
    for k in range(REMEMBERED_LOOKS + 3):
        session.prompt("a", 0, FramePrompt((Click(20.0 + k, 45.0, True),)))
    assert len(look._looks) == REMEMBERED_LOOKS
    session.drop_caches()
    assert not look._looks


def test_a_candidate_that_a_person_chose_against_the_network_is_shown_as_it_is(model: Sam2Segmenter) -> None:
    video = MovingDisc()
    favourite = model.open(video).prompt("a", 0, click(video, 0))
    others = [
        model.open(video).prompt("a", 0, replace(click(video, 0), candidate=candidate))
        for candidate in range(3)
        if candidate != favourite.candidate
    ]
    assert not any(np.array_equal(other.mask, favourite.mask) for other in others)


def test_a_drawn_mask_is_touched_up_not_drawn_again(model: Sam2Segmenter) -> None:
    video = MovingDisc()
    session = model.open(video)
    session.prompt("a", 0, FramePrompt(mask=video.disc(0)))
    corner = Click(150.0, 80.0, True)
    after = session.prompt("a", 0, FramePrompt((corner,))).mask
    assert after[80, 150]
    assert iou(video.disc(0)[:, :100], after[:, :100]) > 0.9


def test_tracking_goes_on_from_what_was_cut_out(model: Sam2Segmenter) -> None:
    video = MovingDisc()
    session = model.open(video)
    cut = session.prompt("a", 0, FramePrompt(box=box_of(video.disc(0))))
    drawn = model.open(video)
    drawn.prompt("a", 0, FramePrompt(mask=cut.mask))
    assert all(same(one, other) for one, other in zip(run(session, range(1, 4)), run(drawn, range(1, 4)), strict=True))
