"""Files of the model in the box: recognised by their parts or by what they say of themselves, and read as before."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from model_server.models import weight_file
from model_server.models.architectures import architecture_of
from model_server.models.loom.architecture import BUILTIN_WEIGHTS, LOOM, LOOM_FAMILY, WITHOUT_TRUNK
from model_server.models.loom.config import BUILTIN_CONFIG, LoomConfig
from model_server.models.loom.network import Loom
from model_server.models.problems import WrongArchitecture
from model_server.models.sam2.architecture import SAM2
from model_server.models.sam2.checkpoints.checkpoint import load, save
from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.network.sam2 import Sam2
from model_server.training import networks
from tests.model_server.models.loom.small_model import small_config

EIGHTH = replace(
    BUILTIN_CONFIG, answers_by_trunk=True, carries_by_trunk=True, draws_outlines=True, correspondence_dim=48
)


def test_an_image_that_is_no_whole_number_of_blocks_is_refused(tmp_path: Path) -> None:
    for side, fits in ((64, True), (80, False)):
        built = Loom(small_config(image_size=side, correspondence_dim=8))
        save(built, tmp_path / f"{side}.safetensors", card="", metrics={})
        if fits:
            assert load(tmp_path / f"{side}.safetensors", LOOM_FAMILY).network.config.image_size == side
        else:
            with pytest.raises(WrongArchitecture, match="32, 64"):
                load(tmp_path / f"{side}.safetensors", LOOM_FAMILY)


def test_a_file_of_a_state_dict_alone_is_recognised_by_its_parts(tmp_path: Path) -> None:
    torch.save({"model": Loom(BUILTIN_CONFIG).state_dict()}, tmp_path / "mine.pt")
    file = weight_file.read(tmp_path / "mine.pt")
    assert architecture_of(file) is LOOM
    assert LOOM.describe(file).preset == "builtin"


def test_a_file_that_lacks_the_parts_it_describes_is_refused_by_their_names(tmp_path: Path) -> None:
    config = json.dumps(small_config(correspondence_dim=8).to_metadata())
    save_file(Sam2(PRESETS["mini"]).state_dict(), tmp_path / "lying.safetensors", {"config": config})
    file = weight_file.read(tmp_path / "lying.safetensors")
    assert architecture_of(file) is LOOM
    with pytest.raises(WrongArchitecture, match=r"5 missing: correspondence\.project\.0\.bias"):
        LOOM.describe(file)


def test_a_network_of_sam2_that_was_described_with_fields_of_other_kinds_is_read(tmp_path: Path) -> None:
    stored = PRESETS["mini"].to_metadata() | {"correspondence_dim": 0, "refines_by_adding": False}
    save_file(Sam2(PRESETS["mini"]).state_dict(), tmp_path / "old.safetensors", {"config": json.dumps(stored)})
    assert architecture_of(weight_file.read(tmp_path / "old.safetensors")) is SAM2
    assert load(tmp_path / "old.safetensors").network.config == PRESETS["mini"]
    assert networks.network_of(stored).config == PRESETS["mini"]
    with pytest.raises(TypeError, match="correspondence_dim"):
        type(PRESETS["mini"]).from_metadata(stored | {"correspondence_dim": 8})


def test_a_training_run_s_description_makes_the_network_of_its_kind() -> None:
    made = networks.network_of(small_config(correspondence_dim=8).to_metadata())
    assert isinstance(made, Loom)
    assert made.carries
    assert type(networks.network_of(PRESETS["mini"].to_metadata())) is Sam2


@pytest.mark.parametrize(
    ("weights", "config"),
    [(WITHOUT_TRUNK, BUILTIN_CONFIG), (BUILTIN_WEIGHTS, EIGHTH)],
)
def test_the_weights_in_the_box_have_the_names_they_always_had(weights: Path, config: LoomConfig) -> None:
    stored = load_file(weights)
    network = networks.load(weights).network
    assert list(Loom(config).state_dict()) == list(network.state_dict())
    assert stored.keys() == network.state_dict().keys()
    assert network.config == config


def test_nothing_of_the_pretrained_trunk_is_in_the_box() -> None:
    added = load_file(BUILTIN_WEIGHTS).keys() - load_file(WITHOUT_TRUNK).keys()
    assert {name.split(".")[0] for name in added} == {"prompt_head", "correspondence", "outline"}
    assert {name.split(".")[1] for name in added if name.startswith("correspondence.")} == {"neck"}
