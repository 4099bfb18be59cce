"""A rough mask becomes the thing in the image, and what is known of it stays as it is."""

import sys

import numpy as np
import pytest

from model_server.evaluation.vos import iou
from model_server.masks import grab_cut

SIDE = 64


def a_disc(radius: float = 14) -> np.ndarray:
    y, x = np.mgrid[:SIDE, :SIDE]
    return (y - 30) ** 2 + (x - 34) ** 2 <= radius**2


def an_image(disc: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(3).integers(0, 40, (SIDE, SIDE, 3))
    return (noise + np.where(disc[..., None], (150, 60, 30), (40, 90, 140))).astype(np.uint8)


NOTHING = np.zeros((SIDE, SIDE), bool)


def test_a_rough_mask_becomes_the_disc() -> None:
    disc, rough = a_disc(), np.zeros((SIDE, SIDE), bool)
    rough[18:38, 26:52] = True
    assert iou(disc, rough) < 0.6
    assert iou(disc, grab_cut.cut_out(an_image(disc), rough, NOTHING, NOTHING)) > 0.98


def test_what_is_known_stays() -> None:
    disc = a_disc()
    inside, outside = NOTHING.copy(), NOTHING.copy()
    inside[2:6, 2:6] = True  # in the background's colours
    outside[28:32, 30:36] = True  # in the middle of the disc
    mask = grab_cut.cut_out(an_image(disc), disc, inside, outside)
    assert mask[inside].all()
    assert not mask[outside].any()


def test_the_same_input_gives_the_same_mask() -> None:
    image = np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3)).astype(np.uint8)
    first = grab_cut.cut_out(image, a_disc(), NOTHING, NOTHING)
    for _ in range(3):
        grab_cut.cut_out(an_image(a_disc()), a_disc(9), NOTHING, NOTHING)  # moves OpenCV's random numbers on
        assert np.array_equal(grab_cut.cut_out(image, a_disc(), NOTHING, NOTHING), first)


@pytest.mark.parametrize("start", [NOTHING, ~NOTHING])
def test_a_mask_of_nothing_or_of_everything_is_left_alone(start: np.ndarray) -> None:
    assert np.array_equal(grab_cut.cut_out(an_image(a_disc()), start, NOTHING, NOTHING), start)


def test_without_opencv_a_mask_stays_as_it_was_but_for_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    grab_cut._opencv.cache_clear()
    outside = a_disc(5)
    try:
        mask = grab_cut.cut_out(an_image(a_disc()), a_disc(20), NOTHING, outside)
    finally:
        grab_cut._opencv.cache_clear()
    assert np.array_equal(mask, a_disc(20) & ~outside)
