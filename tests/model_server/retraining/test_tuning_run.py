"""One turn of the retraining loop, from an export to a compared model of the catalogue."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from model_server.contract.tuning_lines import Tuned, TuningFailed, TuningProgress, tuning_line_adapter
from model_server.evaluation.clip_folder import ClipFolder
from model_server.models.catalogue.folder import Catalogue
from model_server.models.sam2.checkpoints import checkpoint
from model_server.models.sam2.config import PRESETS
from model_server.retraining.commands import app
from model_server.retraining.split import split_by_video
from tests.model_server.recipe_weights import MINI_OVERRIDES, recipe_network
from tests.model_server.retraining.sa_v_folder import write_sa_v

NAMES = ("one", "two", "three")


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sa_v(tmp_path_factory.mktemp("export"), NAMES)


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "mini.safetensors"
    config = replace(PRESETS["mini"], image_size=128)
    checkpoint.save(recipe_network(config, MINI_OVERRIDES), path, card="A small one.", metrics={"before": 1})
    return path


def tune(export: Path, parent: Path, data_dir: Path, *more: str) -> Result:
    arguments = ["tune", str(export), "--name", "balls", "--model", str(parent), "--data-dir", str(data_dir), *more]
    return CliRunner().invoke(app, [*arguments, "--json"])


def test_an_export_becomes_a_compared_model_version(export: Path, parent: Path, tmp_path: Path) -> None:
    result = tune(export, parent, tmp_path, "--steps", "2", "--run", str(tmp_path / "run"))
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert sorted(report["training"] + report["held_out"]) == sorted(NAMES)
    assert [each["measure"] for each in report["comparison"]][:2] == ["J&F, mask", "J&F, clicks:3"]

    with np.load(tmp_path / "run" / "annotated.npz") as trained_on:
        assert {name.split("/")[0] for name in trained_on.files} == set(report["training"])

    catalogue = Catalogue(tmp_path / "models")
    entry = catalogue.find("balls")
    before, after = checkpoint.load(parent), checkpoint.load(catalogue.weights(entry))
    assert (entry.version, entry.parent) == (report["model"]["version"], before.version)
    assert "| J&F, mask |" in entry.card
    assert "A small one." in entry.card
    assert set(entry.metrics) == {"before", "tuned"}
    changed = [
        name
        for name, value in after.network.state_dict().items()
        if not value.equal(before.network.state_dict()[name].half().float())
    ]
    assert any(name.startswith("sam_mask_decoder") for name in changed)  # after two steps, in float16


def test_one_video_is_not_enough(parent: Path, tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    result = tune(write_sa_v(tmp_path / "export", ("alone",)), parent, tmp_path)
    assert result.exit_code == 1
    assert "takes two or more" in result.output


def test_the_built_in_model_keeps_its_name(export: Path, parent: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["tune", str(export), "--name", "builtin", "--data-dir", str(tmp_path)])
    assert result.exit_code == 1
    assert "comes with Maskloom" in result.output


def test_a_video_stays_on_its_side_of_the_split() -> None:
    videos = [ClipFolder(f"video {number}", Path(), {}) for number in range(20)]
    split, turned = split_by_video(videos), split_by_video(videos[::-1])
    assert split == turned
    assert len(split.held_out) == 4
    assert not {video.name for video in split.training} & {video.name for video in split.held_out}


@pytest.mark.long
def test_progress_is_told_line_by_line_and_the_named_video_is_held_out(
    export: Path, parent: Path, tmp_path: Path
) -> None:
    arguments = ["tune", str(export), "--name", "balls", "--model", str(parent), "--data-dir", str(tmp_path)]
    result = CliRunner().invoke(app, [*arguments, "--steps", "2", "--held-out", "two", "--json-lines"])
    assert result.exit_code == 0, result.output
    *progress, last = [tuning_line_adapter.validate_json(line) for line in result.stdout.splitlines()]
    assert isinstance(last, Tuned)
    assert (last.training, last.held_out) == (("one", "three"), ("two",))
    told = [line for line in progress if isinstance(line, TuningProgress)]
    assert list(dict.fromkeys(line.stage for line in told)) == ["preparing", "judging-old", "training", "judging-new"]
    trained = [line for line in told if line.stage == "training"]
    assert (trained[-1].done, trained[-1].total) == (2, 2)
    assert trained[-1].loss is not None
    assert trained[-1].seconds_left is not None

    again = CliRunner().invoke(app, [*arguments, "--steps", "2", "--json-lines"])
    refused = tuning_line_adapter.validate_json(again.stdout.splitlines()[-1])
    assert (again.exit_code, isinstance(refused, TuningFailed)) == (1, True)
    assert "choose another name" in again.stdout  # before anything was trained
    assert '"progress"' not in again.stdout


def test_corrective_clicks_are_counted_for_each_model(export: Path, parent: Path) -> None:
    arguments = ["clicks", "--clips", str(export), "--model", str(parent), "--model", str(parent), "--skip", "two/0"]
    result = CliRunner().invoke(app, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert [row["clip"] for row in report["objects"]] == ["one", "three"]
    for row in [*report["objects"], report["mean"]]:
        assert row["clicks"][0] == row["clicks"][1] >= 3  # the same model twice
        assert 1 <= row["frames"][0] <= 4
    table = CliRunner().invoke(app, arguments).stdout.splitlines()
    assert len(table) == 2 + 3
    assert table[-1].startswith("| mean |")
