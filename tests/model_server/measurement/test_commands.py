"""The evaluation commands on a clip of a moving disc, with the real network at its smallest."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from model_server.measurement.baselines import warped_by_flow
from model_server.measurement.commands import app
from model_server.models.sam2.checkpoints.checkpoint import save
from model_server.models.sam2.config import PRESETS
from tests.model_server.moving_disc import OBJECT_SCORE_BIAS, MovingDisc
from tests.model_server.recipe_weights import recipe_network

EVERY = 2


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two clips as pictures, every second frame annotated; in the second one nothing is ever visible."""
    folder, video = tmp_path_factory.mktemp("clips"), MovingDisc()
    for name, shows in (("disc", True), ("nothing", False)):
        for kind in ("frames", "masks"):
            (folder / name / kind).mkdir(parents=True)
        for index in range(video.num_frames):
            Image.fromarray(video.rgb(index)).save(folder / name / "frames" / f"{index:05}.png")
            if index % EVERY == 0:
                labels = (video.disc(index) & (shows or index == 0)).astype(np.uint8)
                Image.fromarray(labels).save(folder / name / "masks" / f"{index:05}.png")
    return folder


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "mini.safetensors"
    save(recipe_network(PRESETS["mini"], {OBJECT_SCORE_BIAS: 20.0}), path, card="", metrics={})
    return path


def evaluate(*arguments: object) -> dict[str, Any]:
    result = CliRunner().invoke(app, [*map(str, arguments), "--json", "--threads", "1", "--device", "cpu"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_vos_scores_the_model_and_the_baselines_from_the_same_first_mask(clips: Path, weights: Path) -> None:
    report = evaluate("vos", "--clips", clips, "--model", weights, "--prompt", "mask", "--baselines")
    assert list(report["mean"]) == ["mini", "copy", "flow", "sam_flow"]
    assert set(report["clips"]) == {"disc"}
    assert report["skipped"] == {"nothing/1": "visible on no frame that is scored"}
    video = MovingDisc()
    overlaps = [disc_iou(video, 0, index) for index in range(EVERY, video.num_frames - EVERY, EVERY)]
    assert report["mean"]["copy"]["J"] == pytest.approx(100 * np.mean(overlaps), abs=1e-3)
    for scores in report["mean"].values():
        assert scores["JF"] == pytest.approx((scores["J"] + scores["F"]) / 2, abs=1e-3)
        assert len(scores["decline"]) == 4


def disc_iou(video: MovingDisc, first: int, other: int) -> float:
    one, two = video.disc(first), video.disc(other)
    return (one & two).sum() / (one | two).sum()


@pytest.mark.parametrize("prompt", ["clicks:3", "box"])
def test_vos_takes_clicks_and_boxes(clips: Path, weights: Path, prompt: str) -> None:
    report = evaluate("vos", "--clips", clips / "disc", "--model", weights, "--prompt", prompt)
    assert list(report["mean"]) == ["mini"]


class CarriedTexture(MovingDisc):
    """The disc's own texture moves with it: of one that does not, flow has nothing to hold on to."""

    def rgb(self, frame_index: int) -> np.ndarray:
        picture = super().rgb(frame_index)
        on_it = np.random.default_rng(8).integers(100, 250, picture.shape, dtype=np.uint8)
        disc = self.disc(frame_index)
        picture[disc] = np.roll(on_it, round(self.centre(frame_index)[0]), axis=1)[disc]
        return picture


def test_flow_follows_what_moves() -> None:
    video = CarriedTexture()
    masks = warped_by_flow(video, 0, video.disc(0), {6, 11})
    for index in (6, 11):
        overlap = (masks[index] & video.disc(index)).sum() / (masks[index] | video.disc(index)).sum()
        assert overlap > max(0.8, disc_iou(video, 0, index))


def test_images_are_measured_by_number_of_clicks(clips: Path, weights: Path) -> None:
    report = evaluate(
        "images", "--clips", clips / "disc", "--model", weights, "--clicks", 1, "--clicks", 5, "--every", 3
    )
    assert set(report["mean"]) == {"1", "5"}
    assert 0 <= report["mean"]["1"] <= 1


def test_a_card_has_the_values_of_the_single_measurements(clips: Path, weights: Path) -> None:
    about = ("--clips", clips, "--model", weights)
    card = evaluate("card", *about)
    assert list(card["objects"]) == ["disc/1"]
    assert card["objects"]["disc/1"] == card["mean"]
    assert {"mask", "box", "3 clicks", "1 click", "frames, 1 click", "frames, 5 clicks"} <= card["mean"].keys()
    assert card["rank_correlation"].keys() <= {"carried", "clicked"}
    for column, prompt in (("mask", "mask"), ("box", "box"), ("3 clicks", "clicks:3")):
        tracked = evaluate("vos", *about, "--prompt", prompt)["mean"]["mini"]["JF"]
        assert 100 * card["mean"][column] == pytest.approx(tracked, abs=1e-3)
    frames = evaluate("images", "--clips", clips / "disc", "--model", weights, "--clicks", 1)["mean"]["1"]
    assert card["mean"]["frames, 1 click"] == pytest.approx(frames)


def test_the_terminal_tells_how_long_a_frame_took(clips: Path, weights: Path) -> None:
    asked = ["vos", "--clips", str(clips / "disc"), "--model", str(weights), "--threads", "1", "--device", "cpu"]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0, result.output
    assert re.search(r"mini: \d+\.\d{3} s a tracked frame and object", result.output), result.output


@pytest.mark.parametrize("protocol", ["offline", "online"])
def test_interaction_is_reported_by_phase(clips: Path, weights: Path, protocol: str) -> None:
    report = evaluate(
        "interactive", "--clips", clips / "disc", "--model", weights, "--protocol", protocol, "--frames", 2
    )
    assert list(report["mean"]) == ["sam_per_frame", "sam_plus_sam2_mask", "sam2"]
    for mean in report["mean"].values():
        assert len(mean["curve"]) == 2
        assert mean["seconds"] > 0
    for course in report["objects"]:
        reached = [effort["seconds"] for effort in course["efforts"] if effort["j_and_f"] >= 0.8]
        assert course["seconds_to_80"] == (reached[0] if reached else None)
        mean = report["mean"][course["phase"]]  # of this one object
        assert (mean["seconds_to_80"], mean["reached_80"]) == (course["seconds_to_80"], int(bool(reached)))


def test_an_object_that_never_reaches_80_is_said_to(clips: Path, weights: Path, tmp_path: Path) -> None:
    asked = ["interactive", "--clips", str(clips / "disc"), "--model", str(weights), "--phase", "sam2", "--frames", "1"]
    result = CliRunner().invoke(app, [*asked, "--threads", "1", "--device", "cpu", "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    (effort,) = json.loads((tmp_path / "report.json").read_text())["objects"][0]["efforts"]
    assert effort["j_and_f"] < 0.8  # the weights are arbitrary
    assert re.search(r"disc/1 +never", result.output), result.output
    assert re.search(r"reached by +0 of 1", result.output), result.output
    assert "| disc/1 | never |" in (tmp_path / "report.md").read_text()


def test_fairness_compares_groups(clips: Path, weights: Path, tmp_path: Path) -> None:
    for copy in ("a", "b"):
        (tmp_path / "clips" / copy).mkdir(parents=True)
        for kind in ("frames", "masks"):
            (tmp_path / "clips" / copy / kind).symlink_to(clips / "disc" / kind)
    table = tmp_path / "people.csv"
    table.write_text("clip,object,age\na,1,young\nb,1,old\n")
    report = evaluate(
        "fairness", "--clips", tmp_path / "clips", "--attributes", table, "--model", weights, "--prompt", "mask"
    )
    (comparison,) = report["prompts"]["mask"]
    assert [group["value"] for group in comparison["groups"]] == ["old", "young"]
    assert comparison["gap"]["mean"] == 0


def test_a_report_is_kept_as_json_as_a_table_and_as_curves(clips: Path, weights: Path, tmp_path: Path) -> None:
    asked = ("--clips", clips / "disc", "--model", weights)
    measured = evaluate("interactive", *asked, "--frames", 2, "--out", tmp_path / "two phases", "--phase", "sam2")
    folder = tmp_path / "two phases"
    assert json.loads((folder / "report.json").read_text()) == measured
    (row,) = [line for line in (folder / "report.md").read_text().splitlines() if line.startswith("| sam2 ")]
    assert [float(cell) for cell in row.split("|")[2:4]] == pytest.approx(measured["mean"]["sam2"]["curve"], abs=0.051)
    assert "by clicks" in (folder / "curves.svg").read_text()
    evaluate("images", *asked, "--out", tmp_path / "images")
    assert "| **mean** |" in (tmp_path / "images" / "report.md").read_text()


def test_reports_of_two_clips_join_to_the_report_of_both(clips: Path, weights: Path, tmp_path: Path) -> None:
    for copy in ("a", "b"):
        (tmp_path / "clips" / copy).mkdir(parents=True)
        for kind in ("frames", "masks"):
            (tmp_path / "clips" / copy / kind).symlink_to(clips / "disc" / kind)
        evaluate("vos", "--clips", tmp_path / "clips" / copy, "--model", weights, "--out", tmp_path / copy)
    whole = evaluate("vos", "--clips", tmp_path / "clips", "--model", weights)
    joined = CliRunner().invoke(
        app, ["report", str(tmp_path / "a"), str(tmp_path / "b"), "--out", str(tmp_path / "ab")]
    )
    assert joined.exit_code == 0, joined.output
    report = json.loads((tmp_path / "ab" / "report.json").read_text())
    assert report["clips"].keys() == whole["clips"].keys()
    joined, together = report["mean"]["mini"], whole["mean"]["mini"]
    assert joined.pop("decline") == pytest.approx(together.pop("decline"), abs=1e-3)
    assert joined.pop("seconds_per_frame") > 0
    assert together.pop("seconds_per_frame") > 0
    assert joined == pytest.approx(together, abs=1e-3)
    text = (tmp_path / "ab" / "report.md").read_text()
    assert "| a/1 |" in text
    assert "s a tracked frame and object" in text
    assert "| **mean** |" in text


def test_reports_that_do_not_belong_together_are_not_joined(clips: Path, weights: Path, tmp_path: Path) -> None:
    for prompt in ("mask", "box"):
        asked = ("--clips", clips / "disc", "--model", weights, "--prompt", prompt)
        evaluate("vos", *asked, "--out", tmp_path / prompt)

    def join(*names: str) -> str:
        paths = [str(tmp_path / name) for name in names]
        result = CliRunner().invoke(app, ["report", *paths, "--out", str(tmp_path / "joined")])
        assert result.exit_code == 1
        return result.output

    assert "same measurement" in join("mask", "box")
    assert "measured twice" in join("mask", "mask")
    (tmp_path / "other.json").write_text('{"kind": "weather"}')
    assert "is no report" in join("other.json")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["vos", "--clips", "nowhere"], "is no clip and holds none"),
        (["vos", "--clips", ".", "--prompt", "stare"], "none of mask, box, clicks:N"),
        (["masks", "--gt", "nowhere", "--pred", "nowhere"], "there is no folder nowhere"),
        (["interactive", "--clips", ".", "--phase", "sam3"], "no phase is called sam3"),
    ],
)
def test_what_cannot_be_measured_is_said(tmp_path: Path, arguments: list[str], message: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert message in result.output
