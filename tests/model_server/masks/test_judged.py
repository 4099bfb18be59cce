"""Rank correlation of predicted and true IoU is Spearman's."""

import math

import pytest

from model_server.masks.judged import Judged, rank_correlation


def of(true: list[float], predicted: list[float]) -> float:
    return rank_correlation([Judged(*pair) for pair in zip(true, predicted, strict=True)])


def test_it_is_spearmans() -> None:
    true, predicted = [0.1, 0.3, 0.2, 0.9], [0.2, 0.3, 0.5, 0.6]
    assert of(true, predicted) == pytest.approx(0.8)  # ranks 1 3 2 4 and 1 2 3 4: 1 - 6 * 2 / (4 * 15)
    assert of(true, [-value for value in predicted]) == pytest.approx(-0.8)


def test_equal_values_share_their_mean_rank() -> None:
    assert of([0.0, 0.0, 1.0], [0.5, 0.1, 0.9]) == pytest.approx(math.sqrt(3) / 2)  # ranks 1.5 1.5 3 and 2 1 3


def test_what_never_varies_has_none() -> None:
    assert math.isnan(of([0.5, 0.5], [0.1, 0.2]))
