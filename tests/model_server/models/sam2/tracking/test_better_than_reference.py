"""What our session does better than the released predictor. Every test says what that one does instead.

The released predictor is our session with `REFERENCE_BEHAVIOUR`, which test_golden.py holds to its recordings.
"""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from model_server.models.sam2.build import Sam2Segmenter
from model_server.models.sam2.tracking.session import REFERENCE_BEHAVIOUR, Behaviour, Sam2Session
from model_server.segmenter import Box, Click, FramePrompt, FrameResult
from tests.model_server.moving_disc import MovingDisc, click, make_mini, run, same

OURS = Behaviour()
NUM_FRAMES = 12
VIDEO = MovingDisc(NUM_FRAMES)
AWAY = FramePrompt((Click(10.0, 80.0, True), Click(*VIDEO.centre(6), False)))
"""Another place than the disc, so that a correction shows."""


@pytest.fixture(scope="module")
def model() -> Sam2Segmenter:
    torch.set_num_threads(1)
    return make_mini()


def opened(model: Sam2Segmenter, behaviour: Behaviour = OURS, video: MovingDisc = VIDEO) -> Sam2Session:
    return replace(model, options=replace(model.options, behaviour=behaviour)).open(video)


def corrected(model: Sam2Segmenter, behaviour: Behaviour, frames: range) -> tuple[FrameResult, FrameResult]:
    """What a correction of frame 6 answered, and what propagation showed of it afterwards."""
    session = opened(model, behaviour)
    session.prompt("a", frames[0], click(VIDEO, frames[0]))
    run(session, frames)
    answer = session.prompt("a", 6, AWAY)
    shown = {result.frame_index: result for result in run(session, frames)}
    return answer, shown[6]


@pytest.mark.parametrize("frames", [range(NUM_FRAMES), range(NUM_FRAMES - 1, -1, -1)])
def test_a_correction_survives_propagation(model: Sam2Segmenter, frames: range) -> None:
    assert same(*corrected(model, OURS, frames))
    assert not same(*corrected(model, REFERENCE_BEHAVIOUR, frames))  # tracked anew, without the clicks


@pytest.mark.long
def test_where_memory_outweighs_clicks_the_image_answers(model: Sam2Segmenter) -> None:
    def contradicted(result: FrameResult, clicks: tuple[Click, ...]) -> int:
        return sum(result.mask[int(each.y), int(each.x)] != each.positive for each in clicks)

    num_changed = 0
    for x, y in itertools.product(range(40, VIDEO.width, 60), range(10, VIDEO.height, 30)):
        clicks = (Click(x, y, True), Click(VIDEO.width - x, VIDEO.height - y, False))
        answers = []
        for behaviour in (OURS, replace(OURS, clicks_prevail=False)):
            session = opened(model, behaviour)
            session.prompt("a", 0, click(VIDEO, 0))
            run(session, range(6))
            answers.append(session.prompt("a", 5, FramePrompt(clicks)))
        ours, with_memory = answers
        if not same(ours, with_memory):
            num_changed += 1
            assert contradicted(ours, clicks) < contradicted(with_memory, clicks)
            assert same(ours, opened(model).prompt("a", 5, FramePrompt(clicks, memory=False)))
    assert num_changed > 0


def test_a_second_look_at_a_prompted_frame_stays(model: Sam2Segmenter) -> None:
    def asked_again(behaviour: Behaviour) -> tuple[FrameResult, FrameResult]:
        session = opened(model, behaviour)
        session.prompt("a", 0, click(VIDEO, 0))
        run(session, range(4))
        answer = session.prompt("a", 0, FramePrompt((*click(VIDEO, 0).clicks, Click(5.0, 5.0, False))))
        return answer, session.track("a", 0, "forward")

    assert same(*asked_again(OURS))
    assert not same(*asked_again(REFERENCE_BEHAVIOUR))  # shown once, then dropped


def test_a_stream_of_unknown_length_gives_the_masks_of_the_clip(model: Sam2Segmenter) -> None:
    class Stream(MovingDisc):
        """The same pictures, said to go on for hours."""

        def rgb(self, frame_index: int) -> np.ndarray:
            return VIDEO.rgb(frame_index)

        def centre(self, frame_index: int) -> tuple[float, float]:
            return VIDEO.centre(frame_index)

    def tracked(behaviour: Behaviour, video: MovingDisc) -> list[FrameResult]:
        session = opened(model, behaviour, video)
        session.prompt("a", 0, click(VIDEO, 0))
        return run(session, range(1, 6))

    clip, stream = (tracked(OURS, video) for video in (VIDEO, Stream(10**6)))
    assert all(map(same, clip, stream))
    clip, stream = (tracked(REFERENCE_BEHAVIOUR, video) for video in (VIDEO, Stream(10**6)))
    assert not all(map(same, clip, stream))  # its time codes are shares of a length under 16 frames


def test_the_order_of_edits_does_not_matter(model: Sam2Segmenter) -> None:
    first, second = Click(*VIDEO.centre(0), True), Click(120.0, 20.0, False)

    def answers(behaviour: Behaviour) -> tuple[FrameResult, FrameResult]:
        at_once, wandering = opened(model, behaviour), opened(model, behaviour)
        for clicks in ((second,), (first, second), (first,)):
            wandering.prompt("a", 0, FramePrompt(clicks))
        return at_once.prompt("a", 0, FramePrompt((first,))), wandering.prompt("a", 0, FramePrompt((first,)))

    assert same(*answers(OURS))
    assert not same(*answers(REFERENCE_BEHAVIOUR))  # every answer is fed to the next one


def test_a_prompt_that_is_taken_back_leaves_no_trace(model: Sam2Segmenter) -> None:
    def tracked(behaviour: Behaviour, wrong: bool) -> list[FrameResult]:
        session = opened(model, behaviour)
        session.prompt("a", 0, click(VIDEO, 0))
        if wrong:
            session.prompt("a", 3, AWAY)
            session.clear_frame("a", 3)
        return run(session, range(4, 7))

    assert all(map(same, tracked(OURS, True), tracked(OURS, False)))
    kept, without = tracked(REFERENCE_BEHAVIOUR, True), tracked(REFERENCE_BEHAVIOUR, False)
    assert not all(map(same, kept, without))  # its memory stays as an ordinary one


def test_a_given_mask_comes_back_pixel_for_pixel(model: Sam2Segmenter) -> None:
    mask = VIDEO.disc(0)
    mask[3, 5] = True
    ours, theirs = (opened(model, each).prompt("a", 0, FramePrompt(mask=mask)) for each in (OURS, REFERENCE_BEHAVIOUR))
    assert (ours.mask == mask).all()
    assert (theirs.mask != mask).any()  # as coarse logits, scaled up


def test_objects_begin_anywhere_in_any_order_with_one_result(model: Sam2Segmenter) -> None:
    prompts = {"a": (0, click(VIDEO, 0)), "b": (5, FramePrompt(box=Box(0, 0, 30, 30))), "c": (9, click(VIDEO, 9))}

    def outward(names: list[str], late: bool) -> dict[tuple[str, int], FrameResult]:
        """From each object's own prompt in both directions; the last object may come when all else is done."""
        session, found = opened(model), {}
        for group in [names[:-1], names[-1:]] if late else [names]:
            for name in group:
                session.prompt(name, *prompts[name])
            for name in group:
                start = prompts[name][0]
                for frames in (range(start, NUM_FRAMES), range(start - 1, -1, -1)):
                    found |= {(name, result.frame_index): result for result in run(session, frames, name)}
        return found

    expected = outward(["a", "b", "c"], late=False)
    for names, late in ((["c", "a", "b"], False), (["b", "c", "a"], True)):
        again = outward(names, late)
        assert all(same(result, again[key]) for key, result in expected.items())


@pytest.mark.parametrize("what", ["refined", "removed", "added"])
def test_work_on_one_object_leaves_the_others_as_they_were(model: Sam2Segmenter, what: str) -> None:
    def tracked(disturbed: bool) -> list[FrameResult]:
        session = opened(model)
        session.prompt("a", 0, click(VIDEO, 0))
        session.prompt("b", 1, FramePrompt(box=Box(0, 0, 30, 30)))
        for frame in range(1, 5):
            session.track_together(["a", "b"], frame, "forward")
        if disturbed and what == "refined":
            session.prompt("b", 3, AWAY)
        elif disturbed and what == "removed":
            session.forget_object("b")
        elif disturbed:
            session.prompt("c", 2, AWAY)
        company = {"refined": ["b"], "removed": [], "added": ["b", "c"]}[what] if disturbed else ["b"]
        return [session.track_together([*company, "a"], frame, "forward")[-1] for frame in range(5, 9)]

    assert all(map(same, tracked(True), tracked(False)))


def test_every_frame_says_how_far_to_trust_it(model: Sam2Segmenter) -> None:
    session = opened(model)
    session.prompt("a", 0, click(VIDEO, 0))
    for result in run(session, range(1, 6)):
        assert np.isfinite(result.object_score)
        assert len(result.candidate_ious) == 3
        assert result.predicted_iou == max(result.candidate_ious)
        assert 0 <= result.stability <= 1
