"""Weights on disk and models by name."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from model_server.models.architecture import processor_has_bfloat16
from model_server.models.problems import CheckpointError
from model_server.models.registry import build
from model_server.models.sam2.checkpoints.checkpoint import load, save
from model_server.models.sam2.config import PRESETS, Sam2Config
from model_server.models.sam2.network.sam2 import Sam2
from tests.model_server.recipe_weights import recipe_network


@pytest.fixture(scope="module")
def network() -> Sam2:
    return recipe_network(PRESETS["mini"])


@pytest.fixture
def saved(network: Sam2, tmp_path: Path) -> Path:
    path = tmp_path / "mine.safetensors"
    save(network, path, card="# Mine", metrics={"j_and_f": 0.5})
    return path


def test_a_saved_network_comes_back_with_its_card(network: Sam2, saved: Path) -> None:
    checkpoint = load(saved)
    assert checkpoint.network.config == network.config
    assert (checkpoint.card, checkpoint.metrics) == ("# Mine", {"j_and_f": 0.5})
    for name, value in network.state_dict().items():
        assert torch.equal(checkpoint.network.state_dict()[name], value.half().float()), name


def test_a_released_checkpoint_is_recognised_by_its_shapes(network: Sam2, tmp_path: Path) -> None:
    path = tmp_path / "released.pt"
    torch.save({"model": network.state_dict()}, path)
    assert load(path).network.config == PRESETS["mini"]


RELEASED = [name for name in PRESETS if "hiera" in name]


@pytest.mark.parametrize("name", RELEASED)
def test_all_eight_released_configurations_load_strictly(name: str, tmp_path: Path) -> None:
    """The released names and shapes (test_parameters.py has their hashes), with one number in each tensor."""
    with torch.device("meta"):
        shapes = {key: value.shape for key, value in Sam2(PRESETS[name]).state_dict().items()}
    thin = {key: torch.full((1,), 0.5).expand(shape) for key, shape in shapes.items()}
    torch.save({"model": thin}, tmp_path / "weights.pt")
    checkpoint = load(tmp_path / "weights.pt")
    assert checkpoint.network.config == PRESETS[name]
    loaded = checkpoint.network.state_dict()
    assert loaded.keys() == shapes.keys()
    assert all(value.dtype is torch.float32 and value.is_contiguous() for value in loaded.values())
    assert not any(value.is_meta for value in loaded.values())


def test_the_tiny_released_network_loads_with_its_values(tmp_path: Path) -> None:
    network = recipe_network(PRESETS["sam2.1_hiera_tiny"])
    torch.save({"model": network.state_dict()}, tmp_path / "sam2.1_hiera_tiny.pt")
    save_file(network.state_dict(), tmp_path / "by-another-name.bin")
    for path in tmp_path.iterdir():
        loaded = load(path).network.state_dict()
        assert all(torch.equal(value, loaded[name]) for name, value in network.state_dict().items()), path.name


def test_weights_that_contradict_their_configuration_are_refused(saved: Path, tmp_path: Path) -> None:
    config = json.dumps(PRESETS["mini-2.0"].to_metadata())
    save_file(load_file(saved), tmp_path / "lying.safetensors", {"config": config})
    with pytest.raises(CheckpointError, match=r"does not fit mini-2\.0"):
        load(tmp_path / "lying.safetensors")


@pytest.mark.parametrize("name", PRESETS)
def test_a_configuration_survives_its_metadata(name: str) -> None:
    config = PRESETS[name]
    assert Sam2Config.from_metadata(json.loads(json.dumps(config.to_metadata()))) == config


def test_the_registry_loads_weights_by_path_and_tells_what_they_are(saved: Path) -> None:
    info = build(str(saved), "cpu").info
    assert (info.name, info.input_size, info.device, info.precision) == ("mini", 256, "cpu", "float32")
    assert info.num_parameters == 2_365_602
    assert len(info.version) == 12
    assert info.card == "# Mine"


def test_an_unknown_model_is_refused_by_name() -> None:
    with pytest.raises(FileNotFoundError, match="neither a model"):
        build("no-such-model", "cpu")


def test_bfloat16_is_used_on_a_processor_only_where_it_has_it_and_the_info_tells(saved: Path) -> None:
    asked = build(str(saved), "cpu", precision="bfloat16").info.precision
    assert asked == ("bfloat16" if processor_has_bfloat16() else "float32")
    assert build(str(saved), "cpu").info.precision == "float32"
