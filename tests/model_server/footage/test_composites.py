"""Pictures for the prompt head: objects where the picture shows them, the same for the same seed."""

from pathlib import Path

import numpy as np
import pytest

from model_server.footage import composites
from model_server.footage.composites import SIDE, BoxedFrame, Footage, picture, read_footage
from tests.model_server.video.proxies import write_proxy


@pytest.fixture
def footage() -> Footage:
    """A red disc on grey, and blue backgrounds."""
    y, x = np.mgrid[:180, :320]
    disc = (x - 160) ** 2 + (y - 90) ** 2 <= 40**2
    rgb = np.full((180, 320, 3), 128, np.uint8)
    rgb[disc] = (220, 20, 20)
    return Footage([BoxedFrame(rgb, [disc])], [np.full((180, 320, 3), (20, 20, 220), np.uint8)])


def test_an_object_is_where_the_picture_shows_it(footage: Footage) -> None:
    for number in range(12):
        rgb, objects = picture(footage, np.random.default_rng(number))
        red = rgb[..., 0].astype(int) - rgb[..., 2] > 40
        together = np.logical_or.reduce(objects)
        assert rgb.shape == (SIDE, SIDE, 3)
        assert all(mask.shape == (SIDE, SIDE) and mask.sum() >= composites.LEAST_PIXELS for mask in objects)
        assert (red & together).sum() / (red | together).sum() > 0.6


def test_no_pixel_belongs_to_two_objects(footage: Footage) -> None:
    counts = [sum(mask.astype(int) for mask in picture(footage, np.random.default_rng(n))[1]) for n in range(12)]
    assert max(int(np.max(count)) for count in counts) == 1


def test_a_picture_is_a_function_of_its_seed(footage: Footage) -> None:
    (one, objects), (other, others) = (picture(footage, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(one, other)
    assert all(np.array_equal(mask, same) for mask, same in zip(objects, others, strict=True))


def test_videos_without_a_boxed_object_are_refused(tmp_path: Path) -> None:
    write_proxy(tmp_path / "plain.mp4", 4)
    with pytest.raises(ValueError, match="no object is boxed"):
        read_footage([tmp_path / "plain.mp4"], {})
