"""The interactive protocols, played with assistance whose answers are known, and with the real network."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model_server.evaluation.assistance import ASSISTANCE, CLICKS_PER_VISIT, SamPerFrame, SamPlusSam2Mask
from model_server.evaluation.interaction import (
    Effort,
    mean_curve,
    median_seconds,
    offline_seconds,
    online_seconds,
    seconds_until_enough,
    work_offline,
    work_online,
)
from tests.model_server.moving_disc import MovingDisc, make_mini

Mask = NDArray[np.bool_]


def bar(width: int) -> Mask:
    """IoU of two bars is the quotient of their widths."""
    mask = np.zeros((8, 100), bool)
    mask[2:6, :width] = True
    return mask


@dataclass
class KnownAnswers:
    """Shows `widths` until a frame is corrected, then the truth there."""

    widths: dict[int, int]
    corrected: dict[int, Mask] = field(default_factory=dict)
    carried: list[int] = field(default_factory=list)

    def correct(self, frame_index: int, truth: Mask) -> int:
        self.corrected[frame_index] = truth
        return 3

    def carry(self, frame_index: int) -> Mask:
        self.carried.append(frame_index)
        return self.corrected.get(frame_index, bar(self.widths.get(frame_index, 100)))


TRUTHS = {frame: bar(100) for frame in range(0, 24, 4)}


def test_offline_corrects_the_worst_frame_next() -> None:
    answers = KnownAnswers({0: 90, 4: 80, 8: 30, 12: 60, 16: 95, 20: 70})
    course = work_offline(answers, TRUTHS, 24, max_corrected=4)
    assert [effort.corrected_frames for effort in course] == [(0,), (0, 8), (0, 8, 12), (0, 8, 12, 20)]
    assert [effort.num_clicks for effort in course] == [3, 6, 9, 12]
    scored = [0.6625, 0.8375, 0.9375]  # over frames 4 to 16; the first and the last are left out
    assert [effort.j for effort in course[:3]] == pytest.approx(scored)


def test_offline_ends_when_nothing_is_wrong() -> None:
    course = work_offline(KnownAnswers({4: 50}), TRUTHS, 24)
    assert [effort.corrected_frames for effort in course] == [(0,), (0, 4)]
    assert course[-1].j_and_f == 1


def test_offline_starts_where_the_object_first_shows_and_visits_every_video_frame() -> None:
    answers = KnownAnswers({})
    truths = {**TRUTHS, 0: bar(0), 4: bar(0)}
    (effort,) = work_offline(answers, truths, 24)
    assert effort.corrected_frames == (8,)
    assert answers.carried == list(range(8, 21))


def test_online_stops_only_where_the_mask_is_bad() -> None:
    effort = work_online(KnownAnswers({4: 76, 8: 74, 12: 75, 16: 10}), TRUTHS, 24, max_corrected=8)
    assert effort.corrected_frames == (0, 8, 16)


def test_online_leaves_frames_behind_and_keeps_to_its_budget() -> None:
    effort = work_online(KnownAnswers({4: 70, 8: 10, 12: 10}), TRUTHS, 24, max_corrected=2)
    assert effort.corrected_frames == (0, 4)
    assert effort.j == pytest.approx((1 + 0.1 + 0.1 + 1) / 4)


def test_the_time_model_is_the_papers() -> None:
    assert offline_seconds(300, 8) == pytest.approx((30 + 1 + 1.5 * 3) * 8)
    assert online_seconds(600, 8) == pytest.approx(60 + (1 + 1.5 * 3) * 8)


def test_an_object_that_needed_fewer_corrections_stays_where_it_ended() -> None:
    def course(*scores: float) -> list[Effort]:
        return [Effort((), 0, 0.0, score, score) for score in scores]

    assert mean_curve([course(0.5, 1.0), course(0.1, 0.3, 0.5)], 4) == pytest.approx([0.3, 0.65, 0.75, 0.75])


def test_seconds_are_counted_until_the_masks_are_good_enough_and_none_where_they_never_are() -> None:
    course = [Effort((), 0, seconds, score, score) for seconds, score in ((10, 0.7), (20, 0.8), (30, 0.9))]
    assert seconds_until_enough(course) == 20
    assert seconds_until_enough(course[:1]) is None


def test_offline_and_online_tell_what_reaching_enough_costs() -> None:
    widths = {0: 90, 4: 40, 8: 80, 12: 80, 16: 80, 20: 80}
    offline = work_offline(KnownAnswers(dict(widths)), TRUTHS, 24, max_corrected=3)
    assert seconds_until_enough(offline) == offline_seconds(24, 2)  # the worst frame is corrected, too
    online = [work_online(KnownAnswers(dict(widths)), TRUTHS, 24, budget) for budget in (1, 2)]
    assert seconds_until_enough(online) == online_seconds(24, 2)


def test_an_object_that_never_gets_there_counts_as_the_longest() -> None:
    assert median_seconds([30, None, 10]) == 30
    assert median_seconds([30, 20, None, 10]) == 25
    assert median_seconds([10, None]) is None
    assert median_seconds([None, None, 10]) is None


def test_an_object_that_is_never_visible_is_refused() -> None:
    with pytest.raises(ValueError, match="never visible"):
        work_offline(KnownAnswers({}), {0: bar(0), 4: bar(0)}, 8)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize("work", [work_offline, work_online])
@pytest.mark.parametrize("phase", ASSISTANCE)
def test_every_phase_plays_both_protocols(phase: str, work: Callable[..., list[Effort] | Effort]) -> None:
    video = MovingDisc()
    truths = {frame: video.disc(frame) for frame in range(0, 12, 3)}
    outcome = work(ASSISTANCE[phase](make_mini(), video), truths, video.num_frames, 2)
    last = outcome[-1] if isinstance(outcome, list) else outcome
    assert len(last.corrected_frames) == 2
    assert 0 < last.num_clicks <= 2 * CLICKS_PER_VISIT
    assert 0 <= last.j_and_f <= 1


def test_phase_one_repeats_the_nearest_frame_worked_on() -> None:
    video = MovingDisc()
    assistance = SamPerFrame(make_mini(), video)
    assistance.correct(0, video.disc(0))
    assistance.correct(6, np.zeros((video.height, video.width), bool))
    assert not assistance.carry(7).any()
    assert np.array_equal(assistance.carry(2), assistance.carry(0))


def test_phase_two_shows_the_drawn_mask_where_it_was_drawn() -> None:
    video = MovingDisc()
    images, carried = SamPerFrame(make_mini(), video), SamPlusSam2Mask(make_mini(), video)
    for assistance in (images, carried):
        assistance.correct(0, video.disc(0))
    assert np.array_equal(carried.carry(0), images.carry(0))
    assert not np.array_equal(carried.carry(5), images.carry(5))
