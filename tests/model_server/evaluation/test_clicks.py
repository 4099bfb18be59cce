"""The evaluation's clicks fall where the protocol says."""

import numpy as np
import pytest

from model_server.evaluation.clicks import first_click, next_click


def box(top: int, bottom: int, left: int, right: int) -> np.ndarray:
    mask = np.zeros((40, 60), bool)
    mask[top:bottom, left:right] = True
    return mask


def test_the_first_click_is_in_the_middle_of_the_thickest_part() -> None:
    click = first_click(box(10, 21, 10, 21) | box(15, 16, 21, 60))
    assert (click.x, click.y, click.positive) == (15, 15, True)


def test_the_first_click_keeps_away_from_the_frame() -> None:
    assert first_click(box(0, 9, 0, 9)).x == 4


def test_the_next_click_goes_to_the_larger_error() -> None:
    truth = box(10, 30, 10, 30)
    missing = next_click(truth, box(10, 30, 10, 21) | box(0, 3, 40, 43))
    assert missing is not None
    assert missing.positive
    assert missing.x > 20
    excess = next_click(truth, box(10, 30, 10, 29) | box(10, 30, 40, 55))
    assert excess is not None
    assert not excess.positive
    assert excess.x >= 40


def test_equal_errors_get_a_negative_click() -> None:
    click = next_click(box(0, 5, 0, 5), box(20, 25, 0, 5))
    assert click is not None
    assert not click.positive


def test_a_perfect_mask_gets_no_click() -> None:
    assert next_click(box(0, 5, 0, 5), box(0, 5, 0, 5)) is None


def test_an_empty_object_cannot_be_clicked() -> None:
    with pytest.raises(ValueError, match="empty"):
        first_click(box(0, 0, 0, 0))
