"""The clips drawn for each limit show what they say, truth and pixels alike, and are the same each time."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from model_server.evaluation.clip_folder import read_clip
from model_server.evaluation.vos import score_masks, track_object
from model_server.measurement.commands import app
from model_server.measurement.limit_rows import PROMPTS, LimitObject, limit_objects, markdown, write_clip
from model_server.measurement.limits.courses import passage
from model_server.measurement.limits.film import DrawnClip
from model_server.measurement.limits.scenes import LIMITS, drawn_clip
from model_server.models.sam2.checkpoints.checkpoint import save
from model_server.models.sam2.config import PRESETS
from model_server.video.frame_folder import FrameFolder
from tests.clips import iou
from tests.model_server.moving_disc import OBJECT_SCORE_BIAS, make_mini
from tests.model_server.recipe_weights import recipe_network

BY_NAME = {limit.name: limit for limit in LIMITS}


@pytest.fixture(scope="module")
def clips() -> dict[str, DrawnClip]:
    """The first clip of each limit."""
    return {name: drawn(name) for name in BY_NAME}


@lru_cache
def drawn(name: str, number: int = 0) -> DrawnClip:
    return drawn_clip(BY_NAME[name], number)


def seen(clip: DrawnClip, object_id: str = "1") -> list[bool]:
    return [bool(clip.truths[object_id][index].any()) for index in range(clip.num_frames)]


def centres(clip: DrawnClip, object_id: str = "1") -> np.ndarray:
    """(T, 2) the middle of what can be seen, x and y; NaN where nothing can."""
    masks = (clip.truths[object_id][index] for index in range(clip.num_frames))
    return np.array([np.argwhere(mask).mean(axis=0)[::-1] if mask.any() else (np.nan, np.nan) for mask in masks])


def longer_side(mask: np.ndarray) -> int:
    return 1 + int(np.ptp(np.argwhere(mask), axis=0).max())


def test_each_limit_named_by_the_paper_has_clips_of_a_usual_size(clips: dict[str, DrawnClip]) -> None:
    assert list(clips) == [
        "hidden for ten frames", "hidden for thirty frames", "leaves and returns elsewhere", "look-alikes cross",
        "cut and return", "thin", "fast", "small",
    ]  # fmt: skip
    for clip in clips.values():
        assert clip.frames.shape[1:] == (270, 480, 3)
        assert 30 <= clip.num_frames <= 60
        for truths in clip.truths.values():
            assert list(truths) == list(range(clip.num_frames))
            assert truths[0].any()


def test_a_clip_is_the_same_each_time_and_other_numbers_and_seeds_draw_others(clips: dict[str, DrawnClip]) -> None:
    clip, again = clips["small"], drawn_clip(BY_NAME["small"], 0)
    assert np.array_equal(clip.frames, again.frames)
    assert all(np.array_equal(clip.truths["1"][index], again.truths["1"][index]) for index in range(clip.num_frames))
    for other in (drawn("small", 1), drawn_clip(BY_NAME["small"], 0, seed=1)):
        assert not np.array_equal(clip.frames[0], other.frames[0])


@pytest.mark.parametrize(
    ("name", "gone", "number"),
    [
        pytest.param("hidden for ten frames", 10, 0, id="passes behind"),
        pytest.param("hidden for thirty frames", 30, 1, id="is passed"),
    ],
)
def test_what_hides_is_out_of_sight_for_just_as_long(name: str, gone: int, number: int) -> None:
    clip = drawn(name, number)
    assert clip.after == 10 + gone
    assert seen(clip) == [index < 10 or index >= 10 + gone for index in range(clip.num_frames)]


def test_what_is_hidden_moves_on_without_a_leap() -> None:
    offset = passage(5, 10, 20, edge=40.0, speed=8.0)
    assert (np.abs(offset[5:15]) < 40).all()
    assert (np.abs(np.concatenate([offset[:5], offset[15:]])) > 40).all()
    assert (np.diff(offset) > 0).all()
    assert np.diff(offset).max() < 13


def test_what_leaves_touches_an_edge_and_returns_far_away_from_there(clips: dict[str, DrawnClip]) -> None:
    clip = clips["leaves and returns elsewhere"]
    assert seen(clip) == [not 12 <= index < 22 for index in range(clip.num_frames)]
    last, first = clip.truths["1"][11], clip.truths["1"][22]
    for mask in (last, first):
        assert mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any()
    path = centres(clip)
    assert np.hypot(*(path[22] - path[11])) > clip.width / 3


def test_look_alikes_are_alike_and_change_sides(clips: dict[str, DrawnClip]) -> None:
    clip = clips["look-alikes cross"]
    one, other = clip.truths["1"][0], clip.truths["2"][0]
    assert one.sum() == pytest.approx(other.sum(), rel=0.05)
    colours = [clip.frames[0][mask].mean(axis=0) for mask in (one, other)]
    assert np.abs(colours[0] - colours[1]).max() < 10
    ahead = centres(clip, "1")[:, 0] - centres(clip, "2")[:, 0]
    assert ahead[0] * ahead[-1] < 0
    assert np.abs(ahead[[0, -1]]).min() > longer_side(one)
    assert clip.after is not None
    covered = min(clip.truths[object_id][index].sum() for object_id in "12" for index in range(clip.num_frames))
    assert covered < 0.7 * one.sum()
    assert all(not (clip.truths["1"][index] & clip.truths["2"][index]).any() for index in range(clip.num_frames))
    for index in range(clip.after, clip.num_frames):
        columns = [clip.truths[object_id][index].any(axis=0) for object_id in "12"]
        assert not (columns[0] & columns[1]).any()


def test_another_shot_comes_between_and_the_first_goes_on(clips: dict[str, DrawnClip]) -> None:
    clip = clips["cut and return"]
    assert seen(clip) == [not 13 <= index < 25 for index in range(clip.num_frames)]
    step = np.abs(np.diff(clip.frames.astype(np.int16), axis=0)).mean(axis=(1, 2, 3))
    cuts = {int(index) + 1 for index in np.argsort(step)[-2:]}
    assert cuts == {13, 25}
    assert np.sort(step)[-2] > 3 * np.sort(step)[-3]
    path = centres(clip)
    assert 0 < np.hypot(*(path[25] - path[12])) < 100


def test_what_is_thin_is_a_few_pixels_wide(clips: dict[str, DrawnClip]) -> None:
    mask = clips["thin"].truths["1"][0]
    core = mask[1:-1, 1:-1] & mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    deeper = core[1:-1, 1:-1] & core[:-2, 1:-1] & core[2:, 1:-1] & core[1:-1, :-2] & core[1:-1, 2:]
    assert longer_side(mask) > 60
    assert deeper.sum() < 0.02 * mask.sum()  # nowhere five wide, but where lines meet


def test_what_is_fast_moves_farther_than_its_own_length(clips: dict[str, DrawnClip]) -> None:
    clip = clips["fast"]
    steps = np.hypot(*np.diff(centres(clip), axis=0).T)
    size = np.median([longer_side(clip.truths["1"][index]) for index in range(clip.num_frames)])
    assert np.median(steps) > size
    assert (steps > size).mean() > 0.8


def test_what_is_small_is_ten_to_sixteen_pixels_long(clips: dict[str, DrawnClip]) -> None:
    lengths = [longer_side(mask) for mask in clips["small"].truths["1"].values() if mask.any()]
    assert 9 <= np.median(lengths) <= 18


def test_a_written_clip_is_read_as_it_was_drawn(clips: dict[str, DrawnClip], tmp_path: Path) -> None:
    for name, folder in (("small", "masks"), ("look-alikes cross", "masks_manual_per_object")):
        clip, written = clips[name], tmp_path / name
        write_clip(clip, written)
        assert (written / folder).is_dir()
        frames, read = FrameFolder(written / "frames"), read_clip(written)
        assert np.array_equal(frames.rgb(7), clip.rgb(7))
        assert read.truths.keys() == clip.truths.keys()
        for object_id, truths in clip.truths.items():
            assert iou(read.truths[object_id][20], truths[20]) == 1


def make_weights(folder: Path) -> Path:
    path = folder / "mini.safetensors"
    save(recipe_network(PRESETS["mini"], {OBJECT_SCORE_BIAS: 20.0}), path, card="", metrics={})
    return path


def test_the_command_writes_a_table_and_the_clips_it_measured(tmp_path: Path) -> None:
    asked = ["limits", "--count", "1", "--limit", "hidden for ten frames", "--write", str(tmp_path / "clips")]
    about = ["--model", str(make_weights(tmp_path)), "--threads", "1", "--device", "cpu"]
    result = CliRunner().invoke(app, [*asked, *about])
    assert result.exit_code == 0, result.output
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in result.stdout.splitlines()]
    assert [row[:2] for row in rows[2:]] == [["hidden for ten frames", "1"], ["**mean**", "1"]]
    assert all(0 <= float(cell) <= 100 for cell in rows[2][2:])
    assert "hidden_for_ten_frames_0/1: mask " in result.stderr
    assert [path.name for path in (tmp_path / "clips").iterdir()] == ["hidden_for_ten_frames_0"]


def test_an_unknown_limit_is_told_with_the_known_ones() -> None:
    result = CliRunner().invoke(app, ["limits", "--limit", "tiny"])
    assert result.exit_code == 1
    assert "no limit is called tiny; there are hidden for ten frames" in result.stderr


def test_every_limit_is_scored_as_if_each_prompt_were_tracked_alone(clips: dict[str, DrawnClip]) -> None:
    model = make_mini()
    for name, clip in clips.items():
        short = first_frames(clip, 4)
        (row, *_) = limit_objects(name, short, model)
        assert row.limit == name
        assert set(row.values) == set(PROMPTS)
        for column, prompting in PROMPTS.items() if name == "look-alikes cross" else ():
            alone = track_object(model, short, row.object_id, short.truths[row.object_id], prompting)
            assert row.values[column] == pytest.approx(score_masks(short.truths[row.object_id], alone.masks).j_and_f)


def first_frames(clip: DrawnClip, count: int) -> DrawnClip:
    truths = {name: {index: masks[index] for index in range(count)} for name, masks in clip.truths.items()}
    return replace(clip, frames=clip.frames[:count], truths=truths, after=None)


def test_the_table_is_the_mean_over_objects() -> None:
    rows = [
        LimitObject("thin", "a", "1", {"mask": 0.2, "1 click": 0.1}),
        LimitObject("hidden", "b", "1", {"mask": 0.6, "1 click": 0.5, "mask, after": 0.4, "1 click, after": 0.0}),
        LimitObject("hidden", "b", "2", {"mask": 0.8, "1 click": 0.5, "mask, after": 0.2, "1 click, after": 0.0}),
    ]
    lines = markdown(rows).splitlines()
    assert lines[2:4] == ["| thin | 1 | 20.0 | 10.0 | – | – |", "| hidden | 1 | 70.0 | 50.0 | 30.0 | 0.0 |"]
    assert lines[4] == "| **mean** | 2 | 53.3 | 36.7 | 30.0 | 0.0 |"
