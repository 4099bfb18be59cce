"""Figures and their intervals."""

import numpy as np
import pytest

from backend.insights.estimates import Estimate, mean, ratio


def test_nothing_gives_no_figure_and_one_masklet_no_interval() -> None:
    assert mean([]) == Estimate(None, None, None, 0)
    assert ratio([3.0], [0.0]) == Estimate(None, None, None, 1)
    assert mean([4.5]) == Estimate(4.5, None, None, 1)


def test_a_mean_over_masklets_and_a_pooled_ratio_differ_where_masklets_do() -> None:
    seconds, frames = [10.0, 90.0], [10.0, 30.0]
    assert mean([1.0, 3.0]).value == 2.0
    assert ratio(seconds, frames).value == 2.5


def test_the_same_data_give_the_same_interval() -> None:
    values = list(np.random.default_rng(1).exponential(5, 60))
    assert mean(values) == mean(values)


def test_nineteen_in_twenty_intervals_hold_the_truth() -> None:
    rng = np.random.default_rng(7)
    found = [mean(list(rng.normal(7.4, 2.0, 80))) for _ in range(200)]
    held = sum(of.low is not None and of.high is not None and of.low <= 7.4 <= of.high for of in found)
    assert 180 <= held <= 198


def test_an_interval_holds_its_figure_and_narrows_with_more_masklets() -> None:
    rng = np.random.default_rng(3)
    few, many = mean(list(rng.normal(5, 2, 20))), mean(list(rng.normal(5, 2, 2000)))
    for of in (few, many):
        assert of.low is not None
        assert of.high is not None
        assert of.value is not None
        assert of.low < of.value < of.high
    assert (many.high or 0) - (many.low or 0) < ((few.high or 0) - (few.low or 0)) / 5


def test_a_large_study_is_drawn_in_pieces() -> None:
    assert ratio([2.0] * 5000, [1.0] * 5000).low == pytest.approx(2.0)
