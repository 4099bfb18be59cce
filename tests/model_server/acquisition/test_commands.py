"""`maskloom models`, as a person types it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from model_server.acquisition.commands import app
from tests.architecture.repository import ROOT
from tests.model_server.acquisition.file_server import file_server
from tests.model_server.models.catalogue.conftest import network, weights

__all__ = ["network", "weights"]


def models(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"MASKLOOM_DATA_DIR": str(data_dir), "OMP_NUM_THREADS": "1", "COLUMNS": "200"}
    code = "from model_server.acquisition.commands import app; app(prog_name='maskloom models')"
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_a_model_is_added_listed_inspected_and_removed(tmp_path: Path, weights: Path) -> None:
    added = models(tmp_path, "add", str(weights), "--name", "mine")
    assert added.returncode == 0, added.stderr
    assert "added mine" in added.stdout

    listed = invoke(tmp_path, "list").stdout
    lines = {line.split()[0]: line for line in listed.splitlines() if line.strip()}
    assert "built in" in lines["builtin"]
    assert "here" in lines["mine"]
    assert "to fetch" in lines["sam2.1_hiera_large"]

    told = json.loads(invoke(tmp_path, "list", "--json").stdout)
    assert [entry["name"] for entry in told["models"]] == ["builtin", "mine"]
    assert len(told["to_fetch"]) == 8

    inspected = invoke(tmp_path, "info", "mine").stdout
    assert told["models"][1]["digest"] in inspected
    assert "mini, 2.4 M parameters" in inspected

    assert invoke(tmp_path, "remove", "mine").exit_code == 0
    assert [path for path in (tmp_path / "models").iterdir() if path.is_file()] == []


def test_a_file_is_inspected_without_being_added(tmp_path: Path, weights: Path) -> None:
    told = invoke(tmp_path / "data", "info", str(weights), "--json")
    assert json.loads(told.stdout)["preset"] == "mini"
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("command", ["add", "info"])
def test_a_bad_file_is_refused_in_one_line(tmp_path: Path, command: str) -> None:
    (tmp_path / "page.pt").write_text("<!doctype html><title>Not found</title>")
    refused = models(tmp_path, command, str(tmp_path / "page.pt"))
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        "maskloom models: page.pt is neither a safetensors file nor one that torch wrote; it looks like a web page"
    ]


def test_what_a_mirror_serves_must_be_the_released_file(tmp_path: Path, weights: Path) -> None:
    with file_server(weights.read_bytes()) as server:
        refused = invoke(tmp_path, "fetch", "sam2.1_hiera_tiny", "--url", server.url)
    assert refused.exit_code == 1
    assert "is not sam2.1_hiera_tiny" in refused.stderr.replace("\n", " ")


def test_a_model_nobody_released_cannot_be_fetched(tmp_path: Path) -> None:
    refused = invoke(tmp_path, "fetch", "sam9")
    assert refused.exit_code == 2
    assert "sam2.1_hiera_tiny" in refused.stderr


def test_the_commands_are_listed_without_torch() -> None:
    code = "import sys; sys.modules['torch'] = None; from model_server.acquisition.commands import app; app(['--help'])"
    listed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert listed.returncode == 0, listed.stderr
    for command in ("list", "info", "fetch", "add", "remove"):
        assert command in listed.stdout


def invoke(data_dir: Path, *arguments: str) -> Result:
    """In this process: torch is imported once."""
    return CliRunner().invoke(app, [*arguments], env={"MASKLOOM_DATA_DIR": str(data_dir), "COLUMNS": "200"})


def promoted(data_dir: Path) -> str | None:
    return json.loads(invoke(data_dir, "list", "--json").stdout)["promoted"]


def test_a_model_is_promoted_kept_and_rolled_back(tmp_path: Path, weights: Path) -> None:
    assert invoke(tmp_path, "add", str(weights), "--name", "mine").exit_code == 0
    done = invoke(tmp_path, "promote", "mine", "--by", "Ann")
    assert (done.exit_code, "mine" in done.stdout) == (0, True)
    assert promoted(tmp_path) == "mine"
    assert "here, the default" in invoke(tmp_path, "list").stdout

    kept = invoke(tmp_path, "remove", "mine")
    assert (kept.exit_code, "is the default model" in kept.stderr) == (1, True)
    assert "MASKLOOM_MODEL" in invoke(tmp_path, "roll-back").stdout
    assert promoted(tmp_path) is None
    again = invoke(tmp_path, "roll-back")
    assert (again.exit_code, "was never promoted" in again.stderr) == (1, True)
    assert invoke(tmp_path, "remove", "mine").exit_code == 0


def test_a_damaged_model_is_not_promoted(tmp_path: Path, weights: Path) -> None:
    invoke(tmp_path, "add", str(weights), "--name", "mine")
    stored = next((tmp_path / "models").glob("mine-*"))
    stored.write_bytes(stored.read_bytes()[:-10_000])
    assert invoke(tmp_path, "promote", "mine").exit_code == 1
    assert promoted(tmp_path) is None
