"""prompts.json: what it may say, and how its faults are told."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from model_server.headless.prompt_file import PromptFileError, StoredPrompts, read
from model_server.headless.steps import Clear, Prompt, Propagate, Remove
from model_server.headless.validation import count_answers
from model_server.masks import rle
from model_server.segmenter import Box, Click, FramePrompt
from tests.model_server.moving_disc import HEIGHT, WIDTH, MovingDisc

CLICK = {"x": 40, "y": 45, "label": "positive"}


def written(tmp_path: Path, contents: Any) -> StoredPrompts:
    path = tmp_path / "prompts.json"
    path.write_text(contents if isinstance(contents, str) else json.dumps(contents))
    return read(path)


def test_every_kind_of_step_is_read_in_order(tmp_path: Path):
    stored = written(
        tmp_path,
        {
            "steps": [
                {"prompt": {"object": "a", "frame": 3, "clicks": [CLICK, {"x": 1.5, "y": 2, "label": "negative"}]}},
                {"prompt": {"object": "b", "frame": 0, "box": {"x0": 1, "y0": 2, "x1": 30, "y1": 40}}},
                {"propagate": {"direction": "both", "start": 3, "first": 1, "last": 9, "objects": ["a"]}},
                {"clear": {"object": "a", "frame": 3}},
                {"remove": {"object": "b"}},
            ]
        },
    )
    assert list(stored.steps()) == [
        Prompt("a", 3, FramePrompt((Click(40, 45, True), Click(1.5, 2, False)))),
        Prompt("b", 0, FramePrompt(box=Box(1, 2, 30, 40))),
        Propagate("both", 3, 1, 9, ("a",)),
        Clear("a", 3),
        Remove("b"),
    ]


@pytest.mark.parametrize(
    "spelling",
    [
        {"object_id": 1, "frame_idx": 3, "points": [[40, 45], [1, 2]], "labels": [1, 0]},
        {"obj_id": "1", "frame_index": 3, "clicks": [[40, 45, 1], [1, 2, 0]]},
        {"prompt": {"object": "1", "frame": 3, "clicks": [[40, 45], {"x": 1, "y": 2, "label": False}]}},
    ],
)
def test_the_spellings_of_other_tools_mean_the_same(tmp_path: Path, spelling: dict[str, Any]):
    expected = Prompt("1", 3, FramePrompt((Click(40, 45, True), Click(1, 2, False))))
    assert next(written(tmp_path, {"steps": [spelling]}).steps()) == expected
    assert next(written(tmp_path, [spelling]).steps()) == expected
    listed = written(tmp_path, {"prompts": [spelling], "propagate": ["forward", {"direction": "backward", "start": 3}]})
    assert list(listed.steps()) == [expected, Propagate(), Propagate("backward", 3)]


def test_prompts_alone_are_carried_through_the_whole_video_unless_told_otherwise(tmp_path: Path):
    stored = written(tmp_path, [{"object": "1", "frame": 3, "clicks": [CLICK]}])
    assert list(stored.steps())[1:] == [Propagate("both")]
    assert count_answers(stored, MovingDisc(), keeps_reference_rules=False) == 1 + 12
    assert len(list(read(tmp_path / "prompts.json", prompts_only=True).steps())) == 1


def test_masks_come_as_run_lengths_or_as_pictures_beside_the_file(tmp_path: Path):
    disc = MovingDisc().disc(4)
    runs = np.diff(np.flatnonzero(np.diff(disc.T.ravel(), prepend=False, append=~disc.T.ravel()[-1])), prepend=0)
    labels = np.where(disc, 3, 0).astype(np.uint8)
    labels[:5, :5] = 7
    (tmp_path / "masks").mkdir()
    palette = Image.fromarray(labels)
    palette.putpalette([0, 0, 0] * 3 + [200, 0, 0] + [0, 0, 9] * 4)
    palette.save(tmp_path / "masks" / "labels.png")
    Image.fromarray(disc).save(tmp_path / "masks" / "one_bit.png")
    Image.fromarray(np.dstack([disc * np.uint8(255)] * 3 + [np.full_like(labels, 255)])).save(tmp_path / "rgba.png")
    size = list(disc.shape)
    forms = [
        {"size": size, "counts": rle.encode(disc)},
        {"size": size, "counts": runs.tolist()},
        {"path": "masks/labels.png", "value": 3},
        "masks/one_bit.png",
        "rgba.png",
    ]
    stored = written(tmp_path, [{"object": "1", "frame": 4, "mask": form} for form in forms])
    for step in list(stored.steps())[:-1]:
        assert isinstance(step, Prompt)
        assert step.prompt.mask is not None
        np.testing.assert_array_equal(step.prompt.mask, disc)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"object": "cup", "frame": 3, "box": [5, 5, 1, 9]}, r"steps\[1\].*box \(object cup, frame 3\): a box runs"),
        ({"object": "cup", "frame": 3, "box": [5, 5, 1]}, r"not 3 numbers"),
        ({"object": "cup", "frame": -1, "clicks": [CLICK]}, r"prompt\.frame \(object cup, frame -1\): .*greater"),
        ({"object": "cup", "frame": 3, "clicks": [{"x": "left", "y": 2}]}, r"clicks\[0\]\.x \(object cup, frame 3\)"),
        ({"object": "../cup", "frame": 3, "clicks": [CLICK]}, r"prompt\.object .*match pattern"),
        ({"object": "logits", "frame": 3, "clicks": [CLICK]}, r"cannot be called logits"),
        ({"object": "cup", "frame": 3, "clickz": []}, r"clickz .*: Extra inputs"),
        ({"object": "cup", "frame": 3, "points": [[1, 2]]}, r"as many labels"),
        ({"propagate": {"direction": "sideways"}}, r"propagate\.direction: .*'forward', 'backward' or 'both'"),
        ({"propagate": {"first": 9, "last": 3}}, r"first \(9\) comes after last \(3\)"),
        ({"propagate": {}, "clear": {"object": "cup", "frame": 3}}, r"a step is one of"),
    ],
)
def test_a_step_that_makes_no_sense_is_named(tmp_path: Path, step: dict[str, Any], message: str):
    with pytest.raises(PromptFileError, match=message):
        written(tmp_path, {"steps": [{"object": "first", "frame": 0, "clicks": [CLICK]}, step]})


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (
            {"object": "cup", "frame": 12, "clicks": [CLICK]},
            r"steps\[1\] \(object cup, frame 12\): .*12 frames \(0..11\)",
        ),
        ({"object": "cup", "frame": 3, "clicks": [[161, 2, 1]]}, r"\(161, 2\) is outside the video of 160 x 90"),
        ({"object": "cup", "frame": 3}, r"a mask, or clicks and at most one box"),
        ({"object": "cup", "frame": 3, "clicks": [CLICK], "candidate": 3}, r"candidate 3"),
        ({"object": "cup", "frame": 3, "mask": "gone.png"}, r"there is no picture at .*gone\.png"),
        ({"object": "cup", "frame": 3, "mask": {"size": [4, 4], "counts": "04"}}, r"cover a mask of 4 x 4"),
        ({"object": "cup", "frame": 3, "mask": {"size": [2, 3], "counts": "06"}}, r"3 x 2 pixels, the video 160 x 90"),
        ({"propagate": {"last": 12}}, r"frame 12 is outside"),
        ({"propagate": {"objects": ["cup"]}}, r"no prompt to set out from for cup"),
        ({"clear": {"object": "cup", "frame": 3}}, r"object cup has not been prompted"),
    ],
)
def test_a_step_that_does_not_fit_the_video_is_named_before_anything_runs(
    tmp_path: Path, step: dict[str, Any], message: str
):
    stored = written(tmp_path, {"steps": [{"object": "first", "frame": 0, "clicks": [CLICK]}, step]})
    with pytest.raises(PromptFileError, match=message):
        count_answers(stored, MovingDisc(12, HEIGHT, WIDTH), keeps_reference_rules=False)


def test_all_faults_are_told_at_once(tmp_path: Path):
    stored = written(tmp_path, [{"object": "a", "frame": 99, "clicks": [CLICK]}, {"remove": {"object": "b"}}])
    with pytest.raises(PromptFileError) as caught:
        count_answers(stored, MovingDisc(), keeps_reference_rules=False)
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("contents", "message"),
    [("{", "not JSON"), ({"stepz": []}, "steps: Field required"), ('"hello"', "the file: ")],
)
def test_a_file_that_is_no_list_of_steps_is_refused(tmp_path: Path, contents: Any, message: str):
    with pytest.raises(PromptFileError, match=message):
        written(tmp_path, contents)


def test_a_file_without_steps_is_refused(tmp_path: Path):
    with pytest.raises(PromptFileError, match="there is no step in the file"):
        count_answers(written(tmp_path, []), MovingDisc(), keeps_reference_rules=False)
