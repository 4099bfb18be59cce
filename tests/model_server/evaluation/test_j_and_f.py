"""J and F agree with the official SA-V evaluator (its results on these masks are written here)."""

import numpy as np
import pytest

from model_server.evaluation.j_and_f import contour, contour_accuracy, grow, region_similarity, score_object

HEIGHT, WIDTH = 60, 80  # tolerance: ceil(0.008 * 100) = 1 pixel


def box(top: int, bottom: int, left: int, right: int) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[top:bottom, left:right] = True
    return mask


EMPTY, FULL, BOX = box(0, 0, 0, 0), box(0, 60, 0, 80), box(10, 30, 20, 50)
HOLED = BOX & ~box(15, 25, 30, 40)


@pytest.mark.parametrize(
    ("truth", "predicted", "region", "accuracy"),
    [
        pytest.param(BOX, box(10, 30, 21, 51), 0.9355, 1.0, id="shifted by the tolerance"),
        pytest.param(BOX, box(10, 30, 22, 52), 0.875, 0.62, id="shifted beyond the tolerance"),
        pytest.param(box(0, 20, 60, 80), box(0, 20, 58, 80), 0.9091, 0.5366, id="touching the border"),
        pytest.param(FULL, FULL, 1.0, 1.0, id="full frames have no contour"),
        pytest.param(FULL, box(0, 60, 0, 79), 0.9875, 0.0, id="all but the last column"),
        pytest.param(box(30, 31, 40, 41), box(30, 31, 41, 42), 0.0, 1.0, id="neighbouring pixels"),
        pytest.param(box(30, 31, 40, 41), box(30, 31, 45, 46), 0.0, 0.0, id="distant pixels"),
        pytest.param(HOLED, BOX, 0.8333, 0.8333, id="a filled hole"),
        pytest.param(box(50, 60, 70, 80), box(50, 60, 70, 80), 1.0, 1.0, id="bottom right corner"),
        pytest.param(EMPTY, BOX, 0.0, 0.0, id="false positive"),
        pytest.param(BOX, EMPTY, 0.0, 0.0, id="missed"),
        pytest.param(EMPTY, EMPTY, 1.0, 1.0, id="both empty"),
    ],
)
def test_a_frame_scores_as_the_official_evaluator_says(
    truth: np.ndarray, predicted: np.ndarray, region: float, accuracy: float
) -> None:
    assert region_similarity(truth, predicted) == pytest.approx(region, abs=5e-5)
    assert contour_accuracy(truth, predicted) == pytest.approx(accuracy, abs=5e-5)


def test_frames_before_the_object_shows_do_not_count() -> None:
    assert score_object([EMPTY, BOX], [EMPTY, BOX], skip_ends=False).region == [1.0]


def test_a_false_positive_before_the_object_shows_counts() -> None:
    assert score_object([EMPTY, BOX], [BOX, BOX], skip_ends=False).region == [0.0, 1.0]


def test_once_seen_two_empty_masks_score_one() -> None:
    assert score_object([BOX, EMPTY], [BOX, EMPTY], skip_ends=False).contour == [1.0, 1.0]


def test_the_first_and_last_annotated_frames_are_skipped() -> None:
    score = score_object([BOX] * 4, [EMPTY, BOX, BOX, EMPTY])
    assert score.region == [1.0, 1.0]
    assert score.j_and_f == 1.0


def test_an_object_that_never_shows_is_refused() -> None:
    with pytest.raises(ValueError, match="visible on no scored frame"):
        score_object([BOX, EMPTY, BOX], [BOX, EMPTY, BOX])


def test_masks_of_different_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="the truth is"):
        region_similarity(BOX, np.zeros((10, 10), bool))


def test_the_contour_lies_on_the_pixel_before_the_change() -> None:
    mask = np.zeros((4, 4), bool)
    mask[2, 2] = True
    assert np.argwhere(contour(mask)).tolist() == [[1, 1], [1, 2], [2, 1], [2, 2]]


def test_growing_reaches_exactly_the_disk() -> None:
    point = np.zeros((21, 21), bool)
    point[10, 10] = True
    y, x = np.mgrid[-10:11, -10:11]
    assert np.array_equal(grow(point, 8), x**2 + y**2 <= 64)
