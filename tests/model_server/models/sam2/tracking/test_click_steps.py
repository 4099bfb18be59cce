"""What a click costs: one pass of the decoder more, whatever came before, and the same answer as from nothing."""

from typing import Any

import numpy as np
import pytest

from model_server.models.sam2.network.sam2 import Sam2
from model_server.segmenter import Click, FramePrompt, FrameResult
from tests.model_server.moving_disc import MovingDisc
from tests.model_server.serving.conftest import build_mini

CLICKS = tuple(Click(20.0 + 5 * number, 40.0 + 3 * (number % 4), number % 3 < 2) for number in range(12))


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of points in each pass of the decoder."""
    seen: list[int] = []
    decode = Sam2.decode

    def counted(self: Sam2, *args: Any, **more: Any) -> Any:
        seen.append(args[2].points.shape[1])
        return decode(self, *args, **more)

    monkeypatch.setattr(Sam2, "decode", counted)
    return seen


def said(result: FrameResult) -> list[Any]:
    return [result.mask.tobytes(), result.low_res_logits.tobytes(), result.predicted_iou, result.candidate_ious]


def test_one_click_more_costs_one_pass_and_one_less_none(passes: list[int]) -> None:
    session = build_mini().open(MovingDisc())
    session.prompt("a", 0, FramePrompt(CLICKS[:10]))
    assert passes == list(range(1, 11))
    passes.clear()
    session.prompt("a", 0, FramePrompt(CLICKS[:11]))
    assert passes == [11]
    session.prompt("a", 0, FramePrompt(CLICKS[:10]))
    assert passes == [11]


def test_it_is_the_answer_from_nothing_to_the_bit_also_with_memory_and_a_base() -> None:
    model, video = build_mini(), MovingDisc()
    grown, at_once = model.open(video), model.open(video)
    for session in (grown, at_once):
        session.prompt("a", 0, FramePrompt(CLICKS[:3]))
        session.track("a", 1, "forward")
        session.track("a", 2, "forward")
    results = [grown.prompt("a", 2, FramePrompt(CLICKS[:count])) for count in range(1, 9)]
    assert said(results[-1]) == said(at_once.prompt("a", 2, FramePrompt(CLICKS[:8])))


def test_an_answer_is_not_reused_once_the_memory_has_changed() -> None:
    model, video = build_mini(), MovingDisc()
    session, fresh = model.open(video), model.open(video)
    for each in (session, fresh):
        each.prompt("a", 0, FramePrompt(CLICKS[:1]))
        each.track("a", 1, "forward")
    stale = session.prompt("a", 1, FramePrompt(CLICKS[2:4]))
    for each in (session, fresh):
        each.prompt("a", 0, FramePrompt(mask=np.asarray(video.disc(0))))
    assert said(session.prompt("a", 1, FramePrompt(CLICKS[2:4]))) == said(
        fresh.prompt("a", 1, FramePrompt(CLICKS[2:4]))
    )
    assert said(stale) != said(session.prompt("a", 1, FramePrompt(CLICKS[2:4])))


def test_what_is_remembered_counts_as_memory_and_can_be_dropped() -> None:
    session = build_mini().open(MovingDisc())
    session.prompt("a", 0, FramePrompt(CLICKS[:1]))
    before = session.memory_bytes()
    session.prompt("a", 0, FramePrompt(CLICKS))
    assert session.memory_bytes() > before
    session.drop_caches()
    assert session.memory_bytes() < before
