"""Frames of a dataset are found in the video here by their numbers, or it is said that they cannot be."""

from pathlib import Path

import pytest

from backend.imports.content.files import Meter
from backend.imports.survey import FramesUnclear, Survey, frame_indexes, survey_dataset
from tests.backend.imports.reading import IDS, png, zipped


@pytest.mark.parametrize(
    ("numbers", "num_frames", "pictures", "first_and_last"),
    [
        (list(range(10)), 10, True, (0, 9)),  # every frame
        (list(range(0, 40, 4)), 40, True, (0, 36)),  # every fourth, as exports have it
        (list(range(0, 38, 4)), 38, True, (0, 36)),
        (list(range(1, 11)), 10, True, (0, 9)),  # counted from 1, as in OVIS
        (list(range(37, 47)), 10, False, (0, 9)),  # counted from anywhere, as in LVOS
        (list(range(0, 50, 5)), 10, True, (0, 9)),  # a clip of every fifth frame
        ([0], 40, False, (0, 0)),  # the first frame alone, as in MOSE's validation set
        ([0, 7, 30], 40, False, (0, 30)),
        (list(range(1, 10)), 10, False, None),
        (list(range(37, 45)), 10, False, None),
        (list(range(10)), 40, True, None),
        (list(range(10)), 40, False, None),
        (list(range(0, 20, 4)), 40, True, None),
        (list(range(11)), 10, True, None),
    ],
)
def test_frames_are_found_here_or_it_is_said_that_they_cannot_be_told(
    numbers: list[int], num_frames: int, pictures: bool, first_and_last: tuple[int, int] | None, tmp_path: Path
) -> None:
    files = {f"Annotations/clip/{number:05d}.png": png(IDS) for number in numbers}
    if pictures:
        files |= {f"JPEGImages/clip/{number:05d}.jpg": b"" for number in numbers}
    survey = _surveyed(zipped(files, tmp_path / "dataset.zip"))
    (video,) = survey.videos
    if first_and_last is None:
        with pytest.raises(FramesUnclear):
            frame_indexes(video, num_frames)
        return
    indexes = frame_indexes(video, num_frames)
    assert list(indexes) == numbers
    assert (indexes[numbers[0]], indexes[numbers[-1]]) == first_and_last


def _surveyed(path: Path) -> Survey:
    content = path.with_suffix(".sqlite")
    return survey_dataset(path, name=path.name, content=content, meter=Meter())
