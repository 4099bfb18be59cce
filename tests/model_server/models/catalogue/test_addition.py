"""A model is added whole or not at all."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch

from model_server.models import registry
from model_server.models.catalogue.addition import Provenance, add
from model_server.models.catalogue.entry import BadEntry, Entry
from model_server.models.catalogue.folder import AlreadyThere, Catalogue, UnknownModel
from model_server.models.problems import CheckpointError, Corrupt, Truncated
from model_server.models.sam2.checkpoints.checkpoint import save
from model_server.models.sam2.network.sam2 import Sam2
from tests.architecture.repository import ROOT


def files_in(catalogue: Catalogue) -> list[str]:
    return sorted(path.name for path in catalogue.folder.iterdir()) if catalogue.folder.exists() else []


def test_an_added_model_is_described_and_loads_by_name(catalogue: Catalogue, weights: Path) -> None:
    entry = add(catalogue, weights)
    assert (entry.name, entry.preset, entry.input_size, entry.origin) == ("my-weights", "mini", 256, "My Weights.pt")
    assert entry.digest == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert (entry.num_parameters, entry.num_bytes) == (2_365_602, weights.stat().st_size)
    assert files_in(catalogue) == [f"my-weights-{entry.version}.pt", "my-weights.json"]
    assert catalogue.entries() == [entry]
    info = registry.build("my-weights", "cpu", catalogue=catalogue).info
    assert (info.name, info.version, info.config_name) == ("my-weights", entry.version, "mini")


def test_a_model_of_ours_brings_its_card_metrics_and_parent(
    catalogue: Catalogue, network: Sam2, tmp_path: Path
) -> None:
    save(network, tmp_path / "tuned.safetensors", card="# Tuned", metrics={"j_and_f": 61.5})
    provenance = Provenance("fine-tuning on Birds", parent="c1ae813c281f")
    entry = add(catalogue, tmp_path / "tuned.safetensors", name="birds-1", provenance=provenance)
    assert (entry.card, entry.metrics, entry.parent) == ("# Tuned", {"j_and_f": 61.5}, "c1ae813c281f")
    assert entry.file.endswith(".safetensors")


def test_the_same_weights_again_change_nothing(catalogue: Catalogue, weights: Path) -> None:
    first = add(catalogue, weights)
    assert add(catalogue, weights) == first
    assert len(files_in(catalogue)) == 2


def test_other_weights_under_a_taken_name_are_refused(catalogue: Catalogue, weights: Path, network: Sam2) -> None:
    first = add(catalogue, weights, name="mine")
    save(network, weights, card="", metrics={})
    with pytest.raises(AlreadyThere, match="with other weights"):
        add(catalogue, weights, name="mine")
    assert catalogue.entries() == [first]
    assert len(files_in(catalogue)) == 2


@pytest.mark.parametrize("name", ["", "../mine", "a/b", ".hidden", "UPPER", "x" * 65, "a b", "builtin"])
def test_a_name_that_is_none_is_refused(catalogue: Catalogue, weights: Path, name: str) -> None:
    with pytest.raises(BadEntry):
        add(catalogue, weights, name=name)
    assert files_in(catalogue) == []


def test_a_bad_file_leaves_nothing_behind_and_is_called_by_its_own_name(catalogue: Catalogue, weights: Path) -> None:
    weights.write_bytes(weights.read_bytes()[:100_000])
    with pytest.raises(Truncated, match=r"My Weights\.pt has no table of contents"):
        add(catalogue, weights)
    assert files_in(catalogue) == []


def test_a_missing_file_is_refused(catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        add(catalogue, tmp_path / "nowhere.pt")
    assert files_in(catalogue) == []


def test_a_copy_that_fails_half_way_leaves_nothing_behind(catalogue: Catalogue, weights: Path) -> None:
    def pull_the_plug(_num_bytes: int) -> None:
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        add(catalogue, weights, progress=pull_the_plug)
    assert files_in(catalogue) == []


def test_a_process_killed_while_it_adds_leaves_no_model(catalogue: Catalogue, weights: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from model_server.models.catalogue.addition import add\n"
        "from model_server.models.catalogue.folder import Catalogue\n"
        "kill = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "add(Catalogue(Path(sys.argv[1])), Path(sys.argv[2]), progress=kill)\n"
    )
    command = [sys.executable, "-c", code, str(catalogue.folder), str(weights)]
    assert subprocess.run(command, cwd=ROOT).returncode == -9
    assert catalogue.entries() == []
    assert add(catalogue, weights).name == "my-weights"


def test_of_two_that_add_under_one_name_at_once_one_wins(catalogue: Catalogue, weights: Path, network: Sam2) -> None:
    torch.save({"model": network.state_dict(), "epoch": 1}, weights.with_name("other.pt"))
    outcomes: list[object] = []
    start = threading.Barrier(2)

    def try_to_add(path: Path) -> None:
        start.wait()
        try:
            outcomes.append(add(catalogue, path, name="mine"))
        except AlreadyThere as error:
            outcomes.append(error)

    threads = [threading.Thread(target=try_to_add, args=(path,)) for path in (weights, weights.with_name("other.pt"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [outcome for outcome in outcomes if isinstance(outcome, Entry)]
    assert len(winners) == 1
    assert catalogue.entries() == winners
    assert files_in(catalogue) == sorted([winners[0].file, "mine.json"])
    assert registry.build("mine", "cpu", catalogue=catalogue).info.version == winners[0].version


def test_weights_changed_behind_the_catalogue_s_back_are_not_used(catalogue: Catalogue, weights: Path) -> None:
    entry = add(catalogue, weights)
    contents = torch.load(weights, weights_only=True)
    contents["model"]["no_mem_embed"] += 1
    torch.save(contents, catalogue.weights(entry))
    with pytest.raises(Corrupt, match="not those that were added"):
        registry.build(entry.name, "cpu", catalogue=catalogue)


def test_a_removed_model_is_gone_with_its_weights(catalogue: Catalogue, weights: Path) -> None:
    entry = add(catalogue, weights)
    assert catalogue.remove(entry.name) == entry
    assert files_in(catalogue) == []
    with pytest.raises(UnknownModel):
        catalogue.remove(entry.name)
    with pytest.raises(UnknownModel, match="neither a model"):
        registry.build(entry.name, "cpu", catalogue=catalogue)


def test_a_model_whose_weights_were_taken_away_says_so_and_is_healed_by_adding_again(
    catalogue: Catalogue, weights: Path
) -> None:
    entry = add(catalogue, weights)
    catalogue.weights(entry).unlink()
    with pytest.raises(UnknownModel, match="taken away"):
        registry.build(entry.name, "cpu", catalogue=catalogue)
    assert add(catalogue, weights) == entry
    assert registry.build(entry.name, "cpu", catalogue=catalogue).info.version == entry.version


@pytest.mark.parametrize(
    "damage",
    [
        {"file": "../../etc/passwd"},
        {"digest": "abc"},
        {"num_bytes": "many"},
        {"name": "other"},
        {"metrics": None},
        {"parent": 5},
    ],
    ids=str,
)
def test_a_damaged_description_is_passed_over_and_told(
    catalogue: Catalogue, weights: Path, damage: dict[str, object]
) -> None:
    entry = add(catalogue, weights)
    description = catalogue.folder / "my-weights.json"
    description.write_text(json.dumps(json.loads(description.read_text()) | damage))
    good = add(catalogue, weights, name="good")
    assert catalogue.entries() == [good]
    assert list(catalogue.faults()) == [entry.name]


def test_a_description_from_a_later_version_is_read_as_far_as_it_is_known(catalogue: Catalogue, weights: Path) -> None:
    entry = add(catalogue, weights)
    description = catalogue.folder / "my-weights.json"
    description.write_text(json.dumps(json.loads(description.read_text()) | {"licence": "MIT"}))
    assert catalogue.entries() == [entry]


def test_an_architecture_of_a_later_version_is_refused_by_name(catalogue: Catalogue, weights: Path) -> None:
    add(catalogue, weights)
    description = catalogue.folder / "my-weights.json"
    description.write_text(json.dumps(json.loads(description.read_text()) | {"architecture": "sam9"}))
    with pytest.raises(CheckpointError, match="is a sam9"):
        registry.build("my-weights", "cpu", catalogue=catalogue)


def test_the_catalogue_is_in_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MASKLOOM_DATA_DIR", os.fspath(tmp_path))
    assert registry.default_catalogue().folder == tmp_path / "models"


def test_the_built_in_model_describes_itself_like_any_other() -> None:
    entry = registry.builtin_entry()
    assert (entry.name, entry.preset, entry.added_at) == ("builtin", "builtin", None)
    assert registry.build("builtin", "cpu").info.version == entry.version
    assert Entry.from_json(entry.to_json()) == entry
