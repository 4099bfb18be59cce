"""The neck learns, a run continues to the bit, and its weights join those of the rest."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from model_server.models.loom import network as network_in_the_box
from model_server.models.loom.correspondence import Correspondence
from model_server.models.loom.network import Loom
from model_server.models.loom.prompt_head.u_net import PromptHead
from model_server.models.loom.trunk.efficientnet_lite import EfficientNetLite
from model_server.models.sam2.checkpoints.checkpoint import save
from model_server.segmenter import FramePrompt
from model_server.training import __main__ as program
from model_server.training.checkpoints import averaged_weights, write_state
from model_server.training.neck import neck_command
from model_server.training.neck.neck_run import train_neck, validate_neck
from model_server.training.neck.neck_step import NeckRecipe
from model_server.training.neck.seen_clips import MovingObjects
from model_server.training.networks import load
from model_server.training.optimiser import OptimiserSettings
from model_server.training.parts.part_run import PartRun
from model_server.training.parts.whole_model import whole_model
from tests.clips import iou
from tests.model_server.models.loom.small_model import placed, small_config
from tests.model_server.models.loom.trunk.published import published_weights
from tests.model_server.moving_disc import MovingDisc
from tests.model_server.recipe_weights import recipe_network
from tests.model_server.training.neck.moving_discs import moving_discs, write_moving_discs
from tests.model_server.training.parts.interruption import check_that_an_interrupted_run_ends_alike

RATES = OptimiserSettings(learning_rate=1e-2, warmup_steps=5, weight_decay=0.01)
RECIPE = NeckRecipe(num_steps=60, num_channels=16, average_decay=0.9, optimiser=RATES)


def run_of(folder: Path) -> PartRun:
    return PartRun(folder, validate_every=1000, report_every=10, save_every=2)


@pytest.fixture
def clips(tmp_path: Path) -> MovingObjects:
    return moving_discs(tmp_path / "clips")


def test_the_neck_learns_to_carry_discs(tmp_path: Path, clips: MovingObjects) -> None:
    held_out = moving_discs(tmp_path / "held out", 4, seed=9)
    torch.manual_seed(0)
    start = validate_neck(Correspondence(None, RECIPE.num_channels).eval(), held_out)
    scores = train_neck(clips, held_out, RECIPE, run_of(tmp_path / "run"))
    rows = (tmp_path / "run" / "losses.csv").read_text().splitlines()
    losses = [float(row.split(",")[1]) for row in rows[1:]]
    assert losses[-1] < 0.7 * losses[0]
    assert scores["carried_iou"] > 0.6 > start["carried_iou"] + 0.2
    assert (tmp_path / "run" / "curves.svg").exists()


def test_an_interrupted_run_ends_with_the_same_weights(
    tmp_path: Path, clips: MovingObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = replace(RECIPE, num_steps=7)
    check_that_an_interrupted_run_ends_alike(
        lambda folder: train_neck(clips, clips, recipe, run_of(folder)), tmp_path, monkeypatch, saved_at=4
    )


def test_the_commands_train_and_write_a_model_that_carries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_moving_discs(tmp_path / "clips", 2)
    trunk = EfficientNetLite(published_weights())
    monkeypatch.setattr(neck_command, "pretrained_trunk", lambda: trunk)
    rest = recipe_network(small_config(correspondence_dim=8, refines_by_adding=True), {"correspondence.sharpness": 4.0})
    save(rest, tmp_path / "rest.safetensors", card="# Rest", metrics={})
    (tmp_path / "card.md").write_text("# Whole")
    folders = ["--clips", str(tmp_path / "clips"), "--validation", str(tmp_path / "clips")]
    run, written = tmp_path / "run", tmp_path / "whole.safetensors"
    call(monkeypatch, "neck", str(run), *folders, "--num-steps", "2", "--num-channels", "16")
    call(monkeypatch, "join", str(written), "--neck", str(run), "--rest", str(tmp_path / "rest.safetensors"),
         "--card", str(tmp_path / "card.md"))  # fmt: skip
    whole = load(written)
    assert isinstance(whole.network, Loom)
    assert whole.card == "# Whole"
    assert whole.network.config.carries_by_trunk
    assert not whole.network.config.answers_by_trunk
    assert whole.network.config.correspondence_dim == 16
    before, after = load_file(tmp_path / "rest.safetensors"), load_file(written)
    kept = {name for name in before if not name.startswith("correspondence.")}
    assert all(torch.equal(before[name], after[name]) for name in kept)
    assert set(after) == kept | {f"correspondence.{name}" for name in averaged_weights(run)}
    monkeypatch.setattr(network_in_the_box, "trunk_on", lambda device: trunk)
    video = MovingDisc()
    session = placed(whole.network).open(video)
    session.prompt("disc", 0, FramePrompt(mask=video.disc(0)))
    assert iou(session.track("disc", 1, "forward").mask, video.disc(1)) > 0.6


def test_head_and_neck_join_at_once(tmp_path: Path) -> None:
    (tmp_path / "head").mkdir()
    (tmp_path / "neck").mkdir()
    head, neck = PromptHead(), Correspondence(None, 16)
    write_state(tmp_path / "head", {"average": head.state_dict()})
    write_state(tmp_path / "neck", {"average": neck.state_dict()})
    save(recipe_network(small_config(correspondence_dim=8)), tmp_path / "rest.safetensors", card="# Rest", metrics={})
    whole = whole_model(tmp_path / "rest.safetensors", head=tmp_path / "head", neck=tmp_path / "neck")
    assert whole.config.answers_by_trunk
    assert whole.config.carries_by_trunk
    for name, value in {**prefixed("prompt_head", head), **prefixed("correspondence", neck)}.items():
        assert torch.equal(whole.state_dict()[name], value)


def test_a_run_of_another_part_is_no_neck(tmp_path: Path) -> None:
    write_state(tmp_path, {"average": PromptHead().state_dict()})
    with pytest.raises(ValueError, match="trained something else"):
        whole_model(tmp_path / "rest.safetensors", neck=tmp_path)


def test_join_asks_for_a_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call(monkeypatch, "join", "whole.safetensors", "--rest", "rest.safetensors", "--card", "card.md")
    assert "--head, --neck or --outline" in capsys.readouterr().err


def prefixed(prefix: str, part: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {f"{prefix}.{name}": value for name, value in part.state_dict().items()}


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["training", *arguments])
    program.main()
