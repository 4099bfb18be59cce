"""The outline learns to draw what a neck carries, a run continues to the bit, and its weights join the rest."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model_server.models.loom import network as network_in_the_box
from model_server.models.loom.correspondence import Correspondence
from model_server.models.loom.network import Loom
from model_server.models.loom.trunk.efficientnet_lite import EfficientNetLite
from model_server.models.loom.trunk.outline import Outline
from model_server.models.sam2.checkpoints.checkpoint import save
from model_server.segmenter import FramePrompt
from model_server.training import __main__ as program
from model_server.training.checkpoints import averaged_weights, write_state
from model_server.training.networks import load
from model_server.training.optimiser import OptimiserSettings
from model_server.training.outline import outline_command
from model_server.training.outline.outline_run import train_outline, validate_outline
from model_server.training.outline.outline_step import OutlineRecipe
from model_server.training.parts.part_run import PartRun
from model_server.training.parts.whole_model import whole_model
from tests.clips import iou
from tests.model_server.models.loom.small_model import placed, small_config
from tests.model_server.models.loom.trunk.published import published_weights
from tests.model_server.moving_disc import MovingDisc
from tests.model_server.recipe_weights import recipe_network
from tests.model_server.training.neck.moving_discs import moving_discs, write_moving_discs
from tests.model_server.training.parts.interruption import check_that_an_interrupted_run_ends_alike

CHANNELS = 16
RECIPE = OutlineRecipe(
    num_steps=60,
    average_decay=0.9,
    optimiser=OptimiserSettings(learning_rate=1e-2, warmup_steps=5, weight_decay=0.01),
)
CARRIES = {"correspondence.sharpness": 4.0}


def run_of(folder: Path) -> PartRun:
    return PartRun(folder, validate_every=1000, report_every=10, save_every=2)


@pytest.fixture
def neck() -> Correspondence:
    torch.manual_seed(3)
    return Correspondence(None, CHANNELS).eval()


def test_the_outline_learns_to_draw_discs(tmp_path: Path, neck: Correspondence) -> None:
    clips, held_out = moving_discs(tmp_path / "clips"), moving_discs(tmp_path / "held out", 4, seed=9)
    start = validate_outline(Outline(CHANNELS), neck, held_out)
    scores = train_outline(neck, clips, held_out, RECIPE, run_of(tmp_path / "run"))
    assert scores["drawn_iou"] > start["drawn_iou"] + 0.03
    assert (tmp_path / "run" / "curves.svg").exists()


def test_an_interrupted_run_ends_with_the_same_weights(
    tmp_path: Path, neck: Correspondence, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, clips = replace(RECIPE, num_steps=7), moving_discs(tmp_path / "clips")
    check_that_an_interrupted_run_ends_alike(
        lambda folder: train_outline(neck, clips, clips, recipe, run_of(folder)), tmp_path, monkeypatch, saved_at=4
    )


def test_the_commands_train_and_write_a_model_that_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_moving_discs(tmp_path / "clips", 2)
    trunk = EfficientNetLite(published_weights())
    for module in (outline_command, network_in_the_box):
        name = "pretrained_trunk" if module is outline_command else "trunk_on"
        monkeypatch.setattr(module, name, lambda *_device: trunk)
    config = small_config(correspondence_dim=CHANNELS, carries_by_trunk=True)
    save(recipe_network(config, CARRIES), tmp_path / "rest.safetensors", card="# Rest", metrics={})
    (tmp_path / "card.md").write_text("# Whole")
    folders = ["--clips", str(tmp_path / "clips"), "--validation", str(tmp_path / "clips")]
    run, rest, written = tmp_path / "run", tmp_path / "rest.safetensors", tmp_path / "whole.safetensors"
    call(monkeypatch, "outline", str(run), "--weights", str(rest), *folders, "--num-steps", "2")
    call(monkeypatch, "join", str(written), "--outline", str(run), "--rest", str(rest),
         "--card", str(tmp_path / "card.md"))  # fmt: skip
    whole = load(written).network
    assert isinstance(whole, Loom)
    assert whole.config.draws_outlines
    written_weights = whole.outline.state_dict()
    assert all(
        torch.equal(written_weights[name], value.half().float()) for name, value in averaged_weights(run).items()
    )
    video = MovingDisc()
    session = placed(whole).open(video)
    session.prompt("disc", 0, FramePrompt(mask=video.disc(0)))
    assert iou(session.track("disc", 1, "forward").mask, video.disc(1)) > 0.3  # a random neck


def test_an_outline_joins_only_the_neck_it_was_trained_for(tmp_path: Path) -> None:
    write_state(tmp_path, {"average": Outline(CHANNELS).state_dict()})
    for config in (
        small_config(correspondence_dim=CHANNELS),
        small_config(correspondence_dim=8, carries_by_trunk=True),
    ):
        rest = tmp_path / "rest.safetensors"
        save(recipe_network(config), rest, card="# Rest", metrics={})
        with pytest.raises(ValueError, match="another neck"):
            whole_model(rest, outline=tmp_path)


def test_another_neck_drops_the_outline(tmp_path: Path) -> None:
    write_state(tmp_path, {"average": Correspondence(None, 8).state_dict()})
    config = small_config(correspondence_dim=CHANNELS, carries_by_trunk=True, draws_outlines=True)
    save(recipe_network(config), tmp_path / "rest.safetensors", card="# Rest", metrics={})
    assert not whole_model(tmp_path / "rest.safetensors", neck=tmp_path).config.draws_outlines


def test_a_model_without_a_neck_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rest = tmp_path / "rest.safetensors"
    save(recipe_network(small_config(correspondence_dim=8)), rest, card="# Rest", metrics={})
    with pytest.raises(SystemExit):
        call(monkeypatch, "outline", str(tmp_path), "--weights", str(rest), "--clips", "none", "--validation", "none")
    assert "has no neck" in capsys.readouterr().err


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["training", *arguments])
    program.main()
