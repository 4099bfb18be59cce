"""What tuning changes of a network whose frozen trunk feeds neck, prompt head and outline, and that these learn."""

from pathlib import Path

import numpy as np
import pytest
import torch

from model_server.models.loom.network import Loom
from model_server.models.loom.trunk.efficientnet_lite import EfficientNetLite
from model_server.training.checkpoints import averaged_weights
from model_server.training.clips.annotated import AnnotatedClips
from model_server.training.optimiser import OptimiserSettings
from model_server.training.parts.part_run import PartRun, train_part
from model_server.training.tuning import network_tuning
from model_server.training.tuning.network_tuning import NetworkTuning, tuned
from model_server.training.tuning.trunk_parts import TrunkPartsRecipe, lessons_of
from tests.model_server.models.loom.small_model import small_config
from tests.model_server.models.loom.trunk.published import published_weights
from tests.model_server.training.neck.moving_discs import write_moving_discs
from tests.model_server.training.parts.interruption import check_that_an_interrupted_run_ends_alike


@pytest.fixture(scope="module")
def trunk() -> EfficientNetLite:
    return EfficientNetLite(published_weights())


@pytest.fixture(scope="module")
def annotated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips of two discs, as `maskloom train tune` writes them."""
    folder = tmp_path_factory.mktemp("annotated")
    write_moving_discs(folder / "drawn", 2)
    clips: dict[str, np.ndarray] = {}
    for path in sorted((folder / "drawn").glob("*.npz")):
        with np.load(path) as drawn:
            layers = [(drawn["objects"] >> bit & 1)[..., None] for bit in (0, 1)]
            clips[path.stem] = np.concatenate([drawn["rgb"], *layers], axis=3)
    np.savez(folder / "annotated.npz", **clips)  # pyright: ignore[reportArgumentType]
    return folder / "annotated.npz"


def network() -> Loom:
    torch.manual_seed(0)
    config = small_config(correspondence_dim=16, answers_by_trunk=True, carries_by_trunk=True, draws_outlines=True)
    return Loom(config).eval()


def recipe(num_steps: int) -> TrunkPartsRecipe:
    rates = OptimiserSettings(learning_rate=2e-3, warmup_steps=5, weight_decay=0.01)
    return TrunkPartsRecipe(num_steps, num_frames=6, average_decay=0.9, optimiser=rates)


def test_what_the_trunk_feeds_is_tuned_and_nothing_else(
    annotated: Path, trunk: EfficientNetLite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_tuning, "pretrained_trunk", lambda: trunk)
    before = {name: value.clone() for name, value in network().state_dict().items()}
    after = tuned(network(), NetworkTuning(tmp_path, annotated, 2, seed=0)).state_dict()
    changed = {name for name, value in before.items() if not torch.equal(value, after[name])}
    assert {name.split(".")[0] for name in changed} == {"correspondence", "prompt_head", "outline"}
    assert "correspondence.neck.describe.weight" in changed
    assert "prompt_head.masks.weight" in changed


@pytest.mark.long
def test_neck_head_and_outline_learn_from_annotated_clips(
    annotated: Path, trunk: EfficientNetLite, tmp_path: Path
) -> None:
    clips = AnnotatedClips(annotated, seed=0)
    train_part(lessons_of(network(), clips, trunk, recipe(12)), PartRun(tmp_path, 0, report_every=3))
    rows = [row.split(",") for row in (tmp_path / "losses.csv").read_text().splitlines()]
    first, last = (dict(zip(rows[0], map(float, row), strict=True)) for row in (rows[1], rows[-1]))
    assert last["carried_iou"] > first["carried_iou"]
    assert last["drawn_iou"] > first["drawn_iou"]
    assert last["mask"] < 0.7 * first["mask"]
    assert last["loss"] < first["loss"]


@pytest.mark.slow  # what tuning shares with the training of each part is tested there, a killed tuning with the backend
def test_an_interrupted_run_ends_with_the_same_weights(
    annotated: Path, trunk: EfficientNetLite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lessons = lessons_of(network(), AnnotatedClips(annotated, seed=0), trunk, recipe(7))
    check_that_an_interrupted_run_ends_alike(
        lambda folder: train_part(lessons, PartRun(folder, 0, save_every=2)), tmp_path, monkeypatch, saved_at=4
    )


def test_a_network_that_has_a_neck_alone_is_tuned_as_far_as_the_trunk_feeds_it(
    annotated: Path, trunk: EfficientNetLite, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    carrier = Loom(small_config(correspondence_dim=16, carries_by_trunk=True))
    lessons = lessons_of(carrier, AnnotatedClips(annotated, seed=0), trunk, recipe(1))
    train_part(lessons, PartRun(tmp_path, 0))
    assert {name.split(".")[0] for name in averaged_weights(tmp_path)} == {"correspondence"}
