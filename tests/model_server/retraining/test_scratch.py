"""`maskloom train scratch` and `resume`: all stages of the recipe, from nothing to a model of the catalogue."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from model_server.models.catalogue.folder import Catalogue
from model_server.models.registry import build
from model_server.models.sam2.checkpoints import checkpoint
from model_server.retraining import chain
from model_server.retraining.chain import RECIPES, WEIGHTS
from model_server.retraining.commands import app
from model_server.training.checkpoints import load_checkpoint
from model_server.training.loop import train
from tests.model_server.retraining.sa_v_folder import write_sa_v

SMALL = ("--preset", "mini", "--steps", "1", "--size", "64", "--device", "cpu")


@pytest.fixture(autouse=True)
def no_validation(monkeypatch: pytest.MonkeyPatch) -> None:
    """It costs more than these whole runs and changes nothing in them."""
    monkeypatch.setattr("model_server.training.loop.validate", lambda network, generator: {"one_click_iou": 0.0})


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.mark.long
@pytest.mark.parametrize(
    "recipe", [("images", "joining", "carry"), pytest.param(RECIPES["small"], marks=pytest.mark.slow)], ids=len
)
def test_a_run_that_was_interrupted_becomes_the_model_it_would_have_been(
    recipe: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RECIPES, "small", recipe)
    data = write_sa_v(tmp_path, ("one",))
    catalogue = ("--data", data, "--data-dir", tmp_path / "data")
    whole = run("scratch", tmp_path / "whole", *SMALL, *catalogue)
    assert whole.exit_code == 0, whole.output

    def dies_at_joining(network, stage, settings, **rest):
        if stage.name == "joining":
            raise KeyboardInterrupt
        return train(network, stage, settings, **rest)

    monkeypatch.setattr(chain, "train", dies_at_joining)
    assert run("scratch", tmp_path / "broken", *SMALL, *catalogue, "--name", "balls").exit_code != 0
    assert load_checkpoint(tmp_path / "broken" / "joining") is None
    monkeypatch.setattr(chain, "train", train)
    resumed = run("resume", tmp_path / "broken", "--device", "cpu")
    assert resumed.exit_code == 0, resumed.output
    assert "balls" in resumed.output

    one, other = (checkpoint.load(tmp_path / name / WEIGHTS).network.state_dict() for name in ("whole", "broken"))
    assert all(one[name].equal(other[name]) for name in one)
    stages = {path.name for path in (tmp_path / "whole").iterdir() if path.is_dir()} - {"start"}
    assert stages == set(recipe)
    assert all((tmp_path / "whole" / name / "curves.svg").is_file() for name in stages)
    entry = Catalogue(tmp_path / "data" / "models").find("balls")
    assert "Not evaluated yet" in entry.card
    assert build(str(tmp_path / "broken" / WEIGHTS), "cpu").info.version == entry.version
    again = run("resume", tmp_path / "broken", "--device", "cpu")
    assert again.exit_code == 0, again.output


def test_a_folder_is_not_given_to_another_run(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"seed": 5, "data": []}))
    result = run("scratch", tmp_path, *SMALL)
    assert result.exit_code == 1
    assert "holds another run" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("resume", "nowhere"), "holds no run"),
        (("scratch", "run", "--preset", "huge"), "no network is called huge"),
        (("scratch", "run", *SMALL, "--data", "nothing"), "holds nothing to train on"),
        (("scratch", "run", *SMALL, "--name", "builtin"), "comes with Maskloom"),
    ],
)
def test_what_cannot_be_trained_is_said(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    (tmp_path / "nothing").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        result = run(*arguments)
    assert result.exit_code == 1, result.output
    assert message in result.output
