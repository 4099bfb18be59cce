"""`maskloom segment` from a shell's point of view: files, exit codes, messages."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from model_server.headless.player import segment
from model_server.headless.prompt_file import read
from model_server.models.registry import build
from model_server.video.source import opened
from tests.clips import HEIGHT, WIDTH
from tests.model_server.headless.command import released_checkpoint, run
from tests.model_server.video.proxies import write_proxy

NUM_FRAMES = 8
PROMPTS = {
    "steps": [
        {"prompt": {"object": "ball", "frame": 3, "clicks": [{"x": 69, "y": 154, "label": "positive"}]}},
        {"prompt": {"object": "2", "frame": 0, "box": [20, 60, 200, 220]}},
        {"propagate": {"direction": "both"}},
    ]
}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_proxy(tmp_path_factory.mktemp("clip") / "clip.mp4", NUM_FRAMES)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return released_checkpoint(tmp_path_factory.mktemp("weights") / "mini.pt")


def test_it_leaves_a_mask_and_its_scores_for_every_object_and_frame(clip: Path, weights: Path, tmp_path: Path):
    outcome = run(clip, PROMPTS, tmp_path / "out", "--model", str(weights))
    assert outcome.exit_code == 0, outcome.message
    names = [f"{name}/{frame:05d}.png" for name in ("2", "ball") for frame in range(NUM_FRAMES)]
    assert outcome.files() == [*names, "scores.json"]
    scores = outcome.scores()
    assert scores["complete"] is True
    assert scores["model"]["config"] == "mini"
    assert scores["video"] == {"num_frames": NUM_FRAMES, "height": HEIGHT, "width": WIDTH}
    conditioning = {
        name: [score["frame"] for score in of if score["conditioning"]] for name, of in scores["objects"].items()
    }
    assert conditioning == {"ball": [3], "2": [0]}
    for name, of in scores["objects"].items():
        for frame, score in enumerate(of):
            mask = outcome.mask(name, frame)
            assert score["frame"] == frame
            assert mask.shape == (HEIGHT, WIDTH)
            assert set(np.unique(mask).tolist()) <= {0, 255}
            assert score["area"] == int((mask > 0).sum())


def test_the_files_hold_what_python_gets(clip: Path, weights: Path, tmp_path: Path):
    outcome = run(clip, PROMPTS, tmp_path / "out", "--model", str(weights), "--logits")
    torch.set_num_threads(1)
    last = {}
    with opened(clip) as source:
        for result in segment(source, read(tmp_path / "out.json").steps(), build(str(weights), "cpu")):
            last[result.object_id, result.frame_index] = result
    assert len(last) == 2 * NUM_FRAMES
    assert any(result.mask.any() for result in last.values())
    for (name, frame), result in last.items():
        np.testing.assert_array_equal(outcome.mask(name, frame) > 0, result.mask)
        np.testing.assert_array_equal(outcome.logits(name, frame), result.low_res_logits)


def test_the_same_request_gives_the_same_bytes(clip: Path, weights: Path, tmp_path: Path):
    one, two = (run(clip, PROMPTS, tmp_path / name, "--model", str(weights), "--logits") for name in "ab")
    assert one.files() == two.files()
    assert all((one.out / name).read_bytes() == (two.out / name).read_bytes() for name in one.files())


def test_a_resized_copy_of_the_frames_is_segmented_in_the_pixels_of_the_video(weights: Path, tmp_path: Path):
    (tmp_path / "frames").mkdir()
    for index in range(3):
        Image.effect_noise((64, 48), 90).convert("RGB").save(tmp_path / "frames" / f"{index}.png")
    prompts = {"video": {"width": 640, "height": 480}, "steps": [{"object": 1, "frame": 0, "clicks": [[600, 400, 1]]}]}
    outcome = run(tmp_path / "frames", prompts, tmp_path / "out", "--model", str(weights))
    assert outcome.exit_code == 0, outcome.message
    assert outcome.mask("1", 2).shape == (480, 640)


def test_reference_behaviour_sees_frames_as_pillow_stretches_them(clip: Path, weights: Path, tmp_path: Path):
    (tmp_path / "stretched").mkdir()
    with opened(clip) as source:
        for index in range(source.num_frames):
            picture = Image.fromarray(source.rgb(index)).resize((256, 256), Image.Resampling.BICUBIC)
            picture.save(tmp_path / "stretched" / f"{index}.png")
    options = ("--model", str(weights), "--reference-behaviour", "--logits")
    whole = run(clip, PROMPTS, tmp_path / "whole", *options)
    prompts = PROMPTS | {"video": {"width": WIDTH, "height": HEIGHT}}
    stretched = run(tmp_path / "stretched", prompts, tmp_path / "small", *options)
    assert whole.exit_code == stretched.exit_code == 0
    assert whole.files() == stretched.files()
    for name in ("2", "ball"):
        np.testing.assert_array_equal(whole.logits(name, 7), stretched.logits(name, 7))


def test_a_folder_in_use_is_refused_and_replaced_only_where_we_wrote(clip: Path, weights: Path, tmp_path: Path):
    out = tmp_path / "out"
    arguments = ("--model", str(weights), "--prompts-only")
    assert run(clip, PROMPTS, out, *arguments).exit_code == 0
    (out / "notes.txt").write_text("mine")
    refused = run(clip, PROMPTS, out, *arguments)
    assert (refused.exit_code, "not empty" in refused.message) == (2, True)
    other = {"steps": [{"object": "new", "frame": 5, "clicks": [[69, 154, 1]]}]}
    assert run(clip, other, out, *arguments, "--overwrite").exit_code == 0
    assert refused.files() == ["new/00005.png", "notes.txt", "scores.json"]


def test_faults_in_the_prompts_are_told_before_the_model_is_loaded(clip: Path, tmp_path: Path):
    wrong = {"steps": [{"object": "ball", "frame": 99, "clicks": [[1, 1, 1]]}]}
    outcome = run(clip, wrong, tmp_path / "out", "--model", "there-is-no-such-model")
    assert outcome.exit_code == 2
    assert "steps[0] (object ball, frame 99): frame 99 is outside the video of 8 frames (0..7)" in outcome.message
    assert not (tmp_path / "out").exists()


def test_a_video_or_model_that_cannot_be_read_has_an_exit_code_of_its_own(clip: Path, weights: Path, tmp_path: Path):
    assert run(tmp_path / "gone.mp4", PROMPTS, tmp_path / "out", "--model", str(weights)).exit_code == 3
    assert run(weights, PROMPTS, tmp_path / "out", "--model", str(weights)).exit_code == 3
    assert run(clip, PROMPTS, tmp_path / "out", "--model", "there-is-no-such-model").exit_code == 4
    assert run(clip, PROMPTS, tmp_path / "out", "--model", str(clip)).exit_code == 4


@pytest.mark.long
def test_ctrl_c_leaves_whole_masks_and_says_that_they_are_not_all(weights: Path, tmp_path: Path):
    clip = write_proxy(tmp_path / "long.mp4", 120)
    (tmp_path / "prompts.json").write_text(json.dumps(PROMPTS))
    out = tmp_path / "out"
    command = [sys.executable, "-c", "from backend.cli import main; main()", "segment", str(clip)]
    command += ["--prompts", str(tmp_path / "prompts.json"), "--out", str(out), "--model", str(weights)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"})
    deadline = time.monotonic() + 120
    while not (out / "ball" / "00005.png").exists() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, message = process.communicate(timeout=60)
    assert process.returncode == 130, message
    scores = json.loads((out / "scores.json").read_text())
    assert scores["complete"] is False
    written = {(path.parent.name, int(path.stem)) for path in out.glob("*/*.png")}
    assert written == {(name, score["frame"]) for name, of in scores["objects"].items() for score in of}
    for path in out.glob("*/*.png"):
        assert np.asarray(Image.open(path)).shape == (HEIGHT, WIDTH)
    assert not list(out.rglob("*.part"))


def test_the_command_is_listed_without_importing_torch():
    code = (
        "import sys; sys.modules['torch'] = None; sys.argv = ['maskloom', '--help']; import backend.cli as c; c.main()"
    )
    listing = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert listing.returncode == 0, listing.stderr
    assert "segment" in listing.stdout
