"""Clips for the neck: objects where the frames show them, moving, hidden by each other, the same for the same seed."""

import json
from pathlib import Path

import numpy as np
import pytest

from model_server.footage import moving_composites
from model_server.footage.boxed_objects import SIDE, Appearance, Rgb
from model_server.footage.moving_composites import LEAST_FRAMES, LEAST_PIXELS, LENGTH, ClipFootage, moving_clip
from model_server.footage.moving_cutouts import MOST_GROWTH, Course
from tests.clips import HEIGHT, WIDTH, draw_frame
from tests.model_server.video.proxies import write_proxy

CLIPS = 8


@pytest.fixture(scope="module")
def footage() -> ClipFootage:
    """A red disc, and 80 frames of plain blue."""
    y, x = np.mgrid[:90, :90]
    disc = (x - 45) ** 2 + (y - 45) ** 2 <= 40**2
    red, blue = np.full((90, 90, 3), (220, 20, 20), np.uint8), np.full((180, 320, 3), (20, 20, 220), np.uint8)
    return ClipFootage([[blue] * 80], [Appearance(red, disc.astype(np.float32))])


@pytest.fixture(scope="module")
def clips(footage: ClipFootage) -> list[tuple[Rgb, list[np.ndarray]]]:
    return [moving_clip(footage, np.random.default_rng([1, number])) for number in range(CLIPS)]


def test_each_object_is_where_the_frames_show_it(clips: list[tuple[Rgb, list[np.ndarray]]]) -> None:
    for rgb, objects in clips:
        assert rgb.shape == (LENGTH, SIDE, SIDE, 3)
        red = rgb[..., 0].astype(int) - rgb[..., 2] > 0
        for mask in objects:
            assert mask.shape == (LENGTH, SIDE, SIDE)
            assert red[mask].mean() > 0.95


def test_an_object_is_seen_on_the_first_frame_and_on_later_ones(clips: list[tuple[Rgb, list[np.ndarray]]]) -> None:
    for _, objects in clips:
        assert objects
        for mask in objects:
            assert mask[0].sum() >= LEAST_PIXELS
            assert mask[1:].any(axis=(1, 2)).sum() >= LEAST_FRAMES


def test_no_pixel_of_a_frame_belongs_to_two_objects(clips: list[tuple[Rgb, list[np.ndarray]]]) -> None:
    assert max(int(np.sum(objects, axis=0).max()) for _, objects in clips) == 1


def test_objects_move(clips: list[tuple[Rgb, list[np.ndarray]]]) -> None:
    masks = [mask for _, objects in clips for mask in objects]
    middles = [[np.argwhere(frame).mean(axis=0) for frame in mask if frame.any()] for mask in masks]
    assert np.median([np.linalg.norm(middle[-1] - middle[0]) for middle in middles]) > 5


def test_a_course_follows_its_speed_and_comes_to_rest() -> None:
    still = np.zeros(2)
    course = Course(np.array([100.0, 50.0]), np.array([3.0, -1.0]), still, angle=0.2, turn=0.01, growth=0.02)
    first, soon, *late = (course.stance(time, 2.0, -1) for time in (0, 5, 500, 1000))
    assert np.allclose(first.centre, course.start)
    assert np.allclose(soon.centre, [115, 45], atol=0.1)
    assert np.allclose(late[0].centre, late[1].centre)
    assert first.scale == 2
    assert soon.scale == pytest.approx(2 * np.exp(0.1), rel=0.01)
    assert late[0].scale == pytest.approx(2 * np.exp(MOST_GROWTH))
    assert all(np.linalg.det(stance.linear) == pytest.approx(-(stance.scale**2)) for stance in (first, soon, *late))


def test_a_clip_is_a_function_of_seed_and_number(
    footage: ClipFootage, clips: list[tuple[Rgb, list[np.ndarray]]]
) -> None:
    rgb, objects = moving_clip(footage, np.random.default_rng([1, 3]))
    assert np.array_equal(rgb, clips[3][0])
    assert np.array_equal(objects, clips[3][1])
    assert not np.array_equal(rgb, moving_clip(footage, np.random.default_rng([2, 3]))[0])


def test_the_command_writes_clips_of_boxed_objects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_proxy(tmp_path / "drawn.mp4", 50)
    rows, columns = np.nonzero(draw_frame(0).truth)
    box = [columns.min() / WIDTH, rows.min() / HEIGHT, (columns.max() + 1) / WIDTH, (rows.max() + 1) / HEIGHT]
    (tmp_path / "boxes.json").write_text(json.dumps({"drawn": {"0": [[float(side) for side in box]]}}))
    called = ["moving_composites", str(tmp_path / "drawn.mp4"), "--boxes", str(tmp_path / "boxes.json")]
    monkeypatch.setattr("sys.argv", [*called, "--out", str(tmp_path / "clips"), "--count", "2"])
    moving_composites.main()
    assert sorted(path.name for path in (tmp_path / "clips").iterdir()) == ["00000.npz", "00001.npz"]
    with np.load(tmp_path / "clips" / "00000.npz") as one, np.load(tmp_path / "clips" / "00001.npz") as other:
        assert one["rgb"].shape == (LENGTH, SIDE, SIDE, 3)
        assert one["objects"].shape == (LENGTH, SIDE, SIDE)
        assert (one["objects"][0] & 1).sum() >= LEAST_PIXELS
        assert not np.array_equal(one["objects"], other["objects"])


def test_videos_without_a_boxed_object_are_refused(tmp_path: Path) -> None:
    write_proxy(tmp_path / "plain.mp4", 4)
    with pytest.raises(ValueError, match="no object is boxed"):
        moving_composites.read_clip_footage([tmp_path / "plain.mp4"], {})
