"""The head learns, a run continues to the bit, and its weights join those of the rest."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from model_server.models.loom.network import Loom
from model_server.models.loom.prompt_head.u_net import PromptHead
from model_server.models.loom.trunk.efficientnet_lite import EfficientNetLite
from model_server.models.sam2.checkpoints.checkpoint import save
from model_server.models.sam2.config import PRESETS
from model_server.training import __main__ as program
from model_server.training.checkpoints import load_checkpoint, write_state
from model_server.training.networks import load
from model_server.training.optimiser import OptimiserSettings
from model_server.training.parts.part_run import PartRun
from model_server.training.parts.whole_model import whole_model
from model_server.training.prompt_head import head_command
from model_server.training.prompt_head.head_run import train_head
from model_server.training.prompt_head.head_step import HeadRecipe
from model_server.training.prompt_head.head_validation import validate_head
from model_server.training.prompt_head.pictures import PictureFolder
from tests.model_server.models.loom.small_model import small_config
from tests.model_server.models.loom.trunk.published import published_weights
from tests.model_server.recipe_weights import recipe_network
from tests.model_server.training.parts.interruption import check_that_an_interrupted_run_ends_alike
from tests.model_server.training.prompt_head.discs import discs, write_discs

RATES = OptimiserSettings(learning_rate=3e-3, warmup_steps=5, weight_decay=0.02)
RECIPE = HeadRecipe(num_steps=100, batch_size=4, window_cells=8, window_share=0.3, average_decay=0.9, optimiser=RATES)


def run_of(folder: Path) -> PartRun:
    return PartRun(folder, report_every=10, save_every=2, validate_every=1000)


@pytest.fixture
def pictures(tmp_path: Path) -> PictureFolder:
    return discs(tmp_path / "pictures")


def test_the_head_learns_discs(tmp_path: Path, pictures: PictureFolder) -> None:
    torch.manual_seed(0)
    held_out = discs(tmp_path / "held out", 3, seed=9)
    start = validate_head(PromptHead().eval(), held_out)
    scores = train_head(pictures, held_out, RECIPE, run_of(tmp_path / "run"))
    rows = (tmp_path / "run" / "losses.csv").read_text().splitlines()
    losses = [float(row.split(",")[1]) for row in rows[1:]]
    assert losses[-1] < 0.6 * losses[0]
    for name in ("one_click_iou", "three_click_iou", "box_iou"):
        assert scores[name] > 0.4 > start[name] + 0.2, name
    assert (tmp_path / "run" / "curves.svg").exists()


def test_an_interrupted_run_ends_with_the_same_weights(
    tmp_path: Path, pictures: PictureFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = replace(RECIPE, num_steps=7)
    check_that_an_interrupted_run_ends_alike(
        lambda folder: train_head(pictures, pictures, recipe, run_of(folder)), tmp_path, monkeypatch, saved_at=4
    )


def test_the_commands_train_and_write_the_whole_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_discs(tmp_path / "pictures", 3)
    monkeypatch.setattr(head_command, "pretrained_trunk", lambda: EfficientNetLite(published_weights()))
    rest = recipe_network(small_config(correspondence_dim=8, refines_by_adding=True), {"correspondence.sharpness": 4.0})
    save(rest, tmp_path / "rest.safetensors", card="# Rest", metrics={})
    (tmp_path / "card.md").write_text("# Whole")
    folders = ["--pictures", str(tmp_path / "pictures"), "--validation", str(tmp_path / "pictures")]
    run, written = str(tmp_path / "run"), tmp_path / "whole.safetensors"
    call(monkeypatch, "prompt-head", run, *folders, "--num-steps", "2")
    call(monkeypatch, "join", str(written), "--head", run, "--rest", str(tmp_path / "rest.safetensors"),
         "--card", str(tmp_path / "card.md"))  # fmt: skip
    whole = load(written)
    assert isinstance(whole.network, Loom)
    assert whole.network.config.answers_by_trunk
    assert whole.card == "# Whole"
    before, after = load_file(tmp_path / "rest.safetensors"), load_file(written)
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    trained = load_checkpoint(tmp_path / "run")
    assert trained is not None
    head = {f"prompt_head.{name}": value.half() for name, value in trained["average"].items()}
    assert set(after) == set(before) | set(head)
    assert all(torch.equal(value, after[name]) for name, value in head.items())


def test_a_run_that_saved_nothing_has_no_head_to_join(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no"):
        whole_model(tmp_path / "rest.safetensors", head=tmp_path)


def test_only_the_model_in_the_box_takes_a_head(tmp_path: Path) -> None:
    write_state(tmp_path, {"average": PromptHead().state_dict()})
    save(recipe_network(PRESETS["mini"]), tmp_path / "rest.safetensors", card="# SAM 2", metrics={})
    with pytest.raises(ValueError, match="no model in the box"):
        whole_model(tmp_path / "rest.safetensors", head=tmp_path)


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["training", *arguments])
    program.main()
