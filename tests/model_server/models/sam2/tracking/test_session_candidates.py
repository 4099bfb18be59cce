"""One click may mean a part, an object or a group: a person chooses, and the session follows."""

from dataclasses import replace

import numpy as np
import pytest

from model_server.evaluation.vos import iou
from model_server.masks.packed_mask import PackedMask
from model_server.segmenter import Box, Click, FramePrompt, FrameResult, StoredFrame, TrackingSession, VideoSegmenter
from tests.model_server.moving_disc import HEIGHT, WIDTH, MovingDisc, click, same


def chosen(model: VideoSegmenter, video: MovingDisc, candidate: int | None) -> tuple[TrackingSession, FrameResult]:
    """A session of one click that is meant in one of its three candidates, and its answer."""
    session = model.open(video)
    return session, session.prompt("a", 0, replace(click(video, 0), candidate=candidate))


def test_one_click_has_three_candidates_and_each_can_be_chosen(model: VideoSegmenter, video: MovingDisc) -> None:
    candidates = [chosen(model, video, candidate)[1] for candidate in range(3)]
    assert [candidate.candidate for candidate in candidates] == [0, 1, 2]
    assert not any(same(candidates[one], candidates[other]) for one, other in [(0, 1), (1, 2), (0, 2)])
    ious = candidates[0].candidate_ious
    assert [candidate.predicted_iou for candidate in candidates] == list(ious)
    assert all(candidate.candidate_ious == ious for candidate in candidates)


def test_without_a_choice_the_candidate_of_best_predicted_iou_answers(model: VideoSegmenter, video: MovingDisc) -> None:
    favourite = chosen(model, video, None)[1]
    assert favourite.candidate == int(np.argmax(favourite.candidate_ious))
    assert same(favourite, chosen(model, video, favourite.candidate)[1])


def test_tracking_follows_the_chosen_candidate(model: VideoSegmenter, video: MovingDisc) -> None:
    sessions = [chosen(model, video, candidate)[0] for candidate in range(3)]
    tracked = [session.track("a", 1, "forward") for session in sessions]
    assert not any(same(tracked[one], tracked[other]) for one, other in [(0, 1), (1, 2), (0, 2)])


def test_cycling_through_the_candidates_leaves_no_trace(model: VideoSegmenter, video: MovingDisc) -> None:
    session, _ = chosen(model, video, 0)
    for candidate in (1, 2):
        last = session.prompt("a", 0, replace(click(video, 0), candidate=candidate))
    fresh, expected = chosen(model, video, 2)
    assert same(last, expected)
    assert same(session.track("a", 1, "forward"), fresh.track("a", 1, "forward"))


def test_a_further_click_refines_the_chosen_candidate(model: VideoSegmenter, video: MovingDisc) -> None:
    clicks = (Click(*video.centre(0), True), Click(5.0, 5.0, False))
    refined = [model.open(video).prompt("a", 0, FramePrompt(clicks, candidate=candidate)) for candidate in range(3)]
    for one, other in [(0, 1), (1, 2), (0, 2)]:
        found = same(refined[one], refined[other]) and iou(video.disc(0), refined[one].mask) > 0.9
        assert found or not same(refined[one], refined[other])  # cut out, two candidates may both become the disc
    assert all((result.candidate, len(result.candidate_ious)) == (None, 1) for result in refined)


def test_a_restored_candidate_gives_way_to_another_as_if_it_had_never_left(
    model: VideoSegmenter, video: MovingDisc
) -> None:
    shown, expected = chosen(model, video, 0)[1], chosen(model, video, 1)[1]
    restored = model.open(video)
    # Another prompt lies before: a restored frame must not be taken for one that was tracked from there.
    restored.seed("a", StoredFrame(5, PackedMask.pack(video.disc(5)), 8.0, conditioning=True))
    restored.seed(
        "a", StoredFrame(0, PackedMask.pack(shown.mask), shown.object_score, conditioning=True, answers_prompts=True)
    )
    assert same(restored.prompt("a", 0, replace(click(video, 0), candidate=1)), expected)


def test_a_restored_correction_still_refines_what_lay_beneath_it(model: VideoSegmenter, video: MovingDisc) -> None:
    beneath, (x, y) = video.disc(3), video.centre(3)
    beneath[:, int(x) :] = False
    beneath[:6, -8:] = True  # of the background, and nobody speaks against it
    added = FramePrompt((Click(x + 9, y, positive=True),))
    again = replace(added, candidate=1)
    session = model.open(video)
    session.seed("a", StoredFrame(3, PackedMask.pack(beneath), 8.0, conditioning=False))
    corrected = session.prompt("a", 3, replace(added, candidate=0))
    expected = session.prompt("a", 3, again)
    stored = StoredFrame(
        3,
        PackedMask.pack(corrected.mask),
        corrected.object_score,
        True,
        answers_prompts=True,
        base=PackedMask.pack(beneath),
    )
    restored, without = model.open(video), model.open(video)
    restored.seed("a", stored)
    without.seed("a", replace(stored, answers_prompts=False, base=None))
    assert same(restored.prompt("a", 3, again), expected)
    assert not same(without.prompt("a", 3, again), expected)


@pytest.mark.parametrize(
    "prompt",
    [
        {"box": Box(0, 0, 30, 30), "candidate": 1},
        {"clicks": (Click(5.0, 5.0, True),), "box": Box(0, 0, 30, 30), "candidate": 1},
        {"mask": np.ones((HEIGHT, WIDTH), bool), "candidate": 1},
        {"clicks": (Click(5.0, 5.0, True),), "candidate": 3},
        {"clicks": (Click(5.0, 5.0, True),), "candidate": -1},
    ],
)
def test_a_candidate_where_there_is_no_choice_is_refused(prompt: dict) -> None:
    with pytest.raises(ValueError, match="candidate"):
        FramePrompt(**prompt)
