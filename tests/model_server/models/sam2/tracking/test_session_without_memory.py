"""Phases 1 and 2 of the data engine: a frame answers from its image and its prompts alone, and is carried as a mask."""

from dataclasses import replace

import numpy as np
import pytest

from model_server.masks.packed_mask import PackedMask
from model_server.segmenter import Box, Click, FramePrompt, StoredFrame, TrackingSession, VideoSegmenter
from tests.model_server.moving_disc import MovingDisc, click, run, same

PROMPTS = {
    "click": FramePrompt((Click(60.0, 40.0, True),)),
    "candidate": FramePrompt((Click(60.0, 40.0, True),), candidate=0),
    "corrected": FramePrompt((Click(60.0, 40.0, True), Click(10.0, 80.0, False), Click(90.0, 50.0, True))),
    "box": FramePrompt(box=Box(40, 20, 90, 70)),
    "box and click": FramePrompt((Click(10.0, 80.0, False),), box=Box(40, 20, 90, 70)),
}


def tracked(model: VideoSegmenter, video: MovingDisc) -> TrackingSession:
    """A session that has clicked and carried its object through the video, and drew it on one more frame."""
    session = model.open(video)
    session.prompt("a", 0, click(video, 0))
    session.prompt("a", 9, FramePrompt(mask=video.disc(9)))
    run(session, range(12))
    return session


@pytest.mark.parametrize("name", PROMPTS)
def test_a_tracked_frame_answers_to_the_bit_as_if_nothing_were_known(
    model: VideoSegmenter, video: MovingDisc, name: str
) -> None:
    session, prompt = tracked(model, video), PROMPTS[name]
    seen = session.prompt("a", 5, replace(prompt, memory=False))
    alone = model.open(video).prompt("only this image", 5, prompt)
    assert same(seen, alone)
    assert (seen.predicted_iou, seen.object_score, seen.stability, seen.candidate) == (
        alone.predicted_iou,
        alone.object_score,
        alone.stability,
        alone.candidate,
    )
    if prompt.box is None or model.info.name != "builtin":  # which answers boxes from the image in any case
        assert not same(seen, tracked(model, video).prompt("a", 5, prompt))  # with memory it is another answer


def test_a_drawn_frame_answers_from_its_prompts_alone_too(model: VideoSegmenter, video: MovingDisc) -> None:
    session = tracked(model, video)
    seen = session.prompt("a", 9, replace(click(video, 9), memory=False))
    assert same(seen, model.open(video).prompt("b", 9, click(video, 9)))


def test_further_clicks_refine_their_own_answer_and_taking_one_back_goes_back(
    model: VideoSegmenter, video: MovingDisc
) -> None:
    session = tracked(model, video)
    one = replace(click(video, 5), memory=False)
    two = replace(one, clicks=(*one.clicks, Click(5.0, 5.0, False)))
    first = session.prompt("a", 5, one)
    second = session.prompt("a", 5, two)
    assert same(second, model.open(video).prompt("b", 5, replace(two, memory=True)))
    assert same(session.prompt("a", 5, one), first)


def test_what_is_carried_on_is_the_mask_as_if_it_had_been_given(model: VideoSegmenter, video: MovingDisc) -> None:
    clicked, given = tracked(model, video), tracked(model, video)
    answer = clicked.prompt("a", 5, replace(click(video, 5), memory=False))
    given.prompt("a", 5, FramePrompt(mask=answer.mask))
    assert all(map(same, run(clicked, range(12)), run(given, range(12))))
    assert np.array_equal(clicked.track("a", 5, "backward").mask, answer.mask)


def test_a_restored_session_carries_the_mask_to_the_bit(model: VideoSegmenter, video: MovingDisc) -> None:
    session, restored = model.open(video), model.open(video)
    answer = session.prompt("a", 0, replace(click(video, 0), memory=False))
    score = 10.0 if answer.mask.any() else -10.0
    restored.seed("a", StoredFrame(0, PackedMask.pack(answer.mask), score, conditioning=True))
    assert all(map(same, run(session, range(1, 12)), run(restored, range(1, 12))))


def test_a_given_mask_needs_no_memory_to_be_taken(session: TrackingSession, video: MovingDisc) -> None:
    given = session.prompt("a", 3, FramePrompt(mask=video.disc(3), memory=False))
    assert np.array_equal(given.mask, video.disc(3))
