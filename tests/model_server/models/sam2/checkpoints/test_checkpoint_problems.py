"""Files that are not what they should be: each is refused with its own reason, and nothing in it is run."""

import contextlib
import io
import json
import pickle
import struct
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from model_server.models import weight_file
from model_server.models.problems import (
    BadNumbers,
    CarriesCode,
    CheckpointError,
    Corrupt,
    NotWeights,
    TooLarge,
    Truncated,
    WrongArchitecture,
)
from model_server.models.sam2.checkpoints.checkpoint import load, save
from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.network.sam2 import Sam2
from tests.model_server.recipe_weights import recipe_network

NORM = "memory_attention.norm.weight"


@pytest.fixture(scope="module")
def network() -> Sam2:
    return recipe_network(PRESETS["mini"])


@pytest.fixture
def state(network: Sam2) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


@pytest.fixture
def released(state: dict[str, Tensor], tmp_path: Path) -> Path:
    torch.save({"model": state}, tmp_path / "released.pt")
    return tmp_path / "released.pt"


@pytest.fixture
def ours(network: Sam2, tmp_path: Path) -> Path:
    save(network, tmp_path / "ours.safetensors", card="", metrics={})
    return tmp_path / "ours.safetensors"


def cut(path: Path, num_bytes: int) -> Path:
    path.write_bytes(path.read_bytes()[:num_bytes])
    return path


@pytest.mark.parametrize("kept", [0, 7, 1000, 200_000, -1])
def test_a_file_that_was_cut_off_is_called_truncated(released: Path, ours: Path, kept: int) -> None:
    for path in (released, ours):
        with pytest.raises(Truncated):
            load(cut(path, kept))


def test_a_flipped_byte_in_a_released_file_is_found_by_its_checksum(released: Path) -> None:
    contents = bytearray(released.read_bytes())
    contents[len(contents) // 2] ^= 0x10
    released.write_bytes(contents)
    with pytest.raises(Corrupt, match="checksum"):
        load(released)


@pytest.mark.parametrize(
    ("contents", "reason"),
    [
        pytest.param(b"<!doctype html><p>Please sign in", "looks like a web page", id="web page"),
        pytest.param(pickle.dumps({"model": {}}), "a plain pickle, which is never opened", id="pickle"),
        pytest.param(b"\x00" * 4096, "neither a safetensors file nor", id="zeros"),
    ],
)
def test_other_kinds_of_files_are_told_apart(tmp_path: Path, contents: bytes, reason: str) -> None:
    path = tmp_path / "weights.pt"
    path.write_bytes(contents)
    with pytest.raises(NotWeights, match=reason):
        load(path)


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "photos.pt", "w") as archive:
        archive.writestr("a/b.jpg", b"jpeg")
    with pytest.raises(NotWeights, match="not one that torch writes"):
        load(tmp_path / "photos.pt")


def test_a_compressed_archive_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb/data.pkl", b"\x80\x02}.")
        archive.writestr("bomb/data/0", b"\x00" * 50_000_000)
    assert (tmp_path / "bomb.pt").stat().st_size < 100_000
    with pytest.raises(TooLarge, match="compressed"):
        load(tmp_path / "bomb.pt")


def test_a_file_larger_than_any_checkpoint_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "huge.pt").open("wb") as file:
        file.truncate(weight_file.MAX_BYTES + 1)  # sparse: takes no room
    with pytest.raises(TooLarge, match=r"4\.3 GB"):
        load(tmp_path / "huge.pt")


class Runs:
    def __init__(self, *call: object) -> None:
        self.call = call

    def __reduce__(self):
        return self.call[0], self.call[1:]


def with_pickle(source: Path, target: Path, contents: bytes) -> Path:
    """A copy of an archive of torch with another pickle in it."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for part in old.infolist():
            new.writestr(part.filename, contents if part.filename.endswith("data.pkl") else old.read(part))
    return target


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_code_in_a_pickle_is_refused_and_not_run(released: Path, tmp_path: Path, protocol: int) -> None:
    payload = pickle.dumps({"model": Runs(Path.touch, tmp_path / "touched")}, protocol=protocol)
    with pytest.raises(CarriesCode):
        load(with_pickle(released, tmp_path / "evil.pt", payload))
    assert not (tmp_path / "touched").exists()


def test_code_beside_the_weights_is_named(state: dict[str, Tensor], tmp_path: Path) -> None:
    torch.save({"model": state, "extra": Runs(print, "hello")}, tmp_path / "evil.pt")
    with pytest.raises(CarriesCode, match=r"print to be called"):
        load(tmp_path / "evil.pt")


def test_a_word_that_torch_takes_for_harmless_but_allocates_memory_is_refused(released: Path, tmp_path: Path) -> None:
    payload = pickle.dumps({"model": Runs(bytearray, 10**12)}, protocol=2)
    assert b"bytearray" in payload
    with pytest.raises(CarriesCode, match="bytearray"):
        load(with_pickle(released, tmp_path / "bomb.pt", payload))


def test_a_network_of_another_kind_is_refused(tmp_path: Path) -> None:
    save_file({"layer1.weight": torch.zeros(3)}, tmp_path / "resnet.safetensors")
    with pytest.raises(WrongArchitecture, match="none of its 1 weights has a known name"):
        load(tmp_path / "resnet.safetensors")


def test_the_nearest_preset_and_the_differences_are_named(state: dict[str, Tensor], tmp_path: Path) -> None:
    del state["no_mem_embed"]
    state["stranger"] = torch.zeros(1)
    state[NORM] = torch.ones(65)
    torch.save({"model": state}, tmp_path / "odd.pt")
    with pytest.raises(WrongArchitecture) as problem:
        load(tmp_path / "odd.pt")
    message = str(problem.value)
    assert "odd.pt" in message
    assert "the nearest is mini " in message
    assert "1 missing: no_mem_embed" in message
    assert "1 unknown: stranger" in message
    assert f"{NORM} [65] instead of [64]" in message


@pytest.mark.parametrize(
    "change",
    [{"stages": [10**9, 2, 3, 2]}, {"stages": ["a"]}, {"stages": 7}, {"embed_dim": 10**12}, {"image_size": 10**6}],
    ids=str,
)
def test_a_description_of_an_absurd_network_is_refused_before_it_is_built(
    network: Sam2, tmp_path: Path, change: dict[str, object]
) -> None:
    config = network.config.to_metadata() | change
    save_file(network.state_dict(), tmp_path / "absurd.safetensors", {"config": json.dumps(config)})
    with pytest.raises(WrongArchitecture):
        load(tmp_path / "absurd.safetensors")


@pytest.mark.parametrize(
    "metadata", [{"config": "no json"}, {"config": "[]"}, {"config": "{}"}, {"config": '{"a": 1}'}]
)
def test_a_description_that_is_none_is_refused(network: Sam2, tmp_path: Path, metadata: dict[str, str]) -> None:
    save_file(network.state_dict(), tmp_path / "odd.safetensors", metadata)
    with pytest.raises(CheckpointError, match="describes itself"):
        load(tmp_path / "odd.safetensors")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_are_not_finite_are_refused(state: dict[str, Tensor], tmp_path: Path, value: float) -> None:
    state[NORM][3] = value
    torch.save({"model": state}, tmp_path / "diverged.pt")
    with pytest.raises(BadNumbers, match=rf"1 of 64 numbers in {NORM} are not finite"):
        load(tmp_path / "diverged.pt")


@pytest.mark.parametrize("kind", [torch.int8, torch.float64])
def test_weights_of_an_unknown_kind_are_refused(state: dict[str, Tensor], tmp_path: Path, kind: torch.dtype) -> None:
    state[NORM] = state[NORM].to(kind)
    torch.save({"model": state}, tmp_path / "odd.pt")
    with pytest.raises(BadNumbers, match=str(kind)):
        load(tmp_path / "odd.pt")


def test_a_tensor_that_repeats_one_number_over_terabytes_is_refused(state: dict[str, Tensor], tmp_path: Path) -> None:
    state[NORM] = torch.zeros(1).expand(10**12)
    torch.save({"model": state}, tmp_path / "wide.pt")
    with pytest.raises(WrongArchitecture, match=r"\[1000000000000\] instead of \[64\]"):
        load(tmp_path / "wide.pt")


def test_things_that_are_no_tensors_are_refused(tmp_path: Path) -> None:
    for contents in ({"model": {"a": 1}}, {"model": [1, 2]}, [1, 2], OrderedDict(model=OrderedDict())):
        torch.save(contents, tmp_path / "odd.pt")
        with pytest.raises(NotWeights):
            load(tmp_path / "odd.pt")


def test_no_damage_makes_the_reader_raise_anything_but_its_own_problems(released: Path, ours: Path) -> None:
    generator = torch.Generator().manual_seed(5)
    for path in (released, ours):
        whole = path.read_bytes()
        for _ in range(25):
            contents = bytearray(whole)
            # Mostly where the structure lies: the beginning and the end.
            place = int(torch.randint(3000, (1,), generator=generator))
            place = place if torch.rand(1, generator=generator) < 0.5 else len(whole) - 1 - place
            contents[place] = int(torch.randint(256, (1,), generator=generator))
            path.write_bytes(contents)
            with contextlib.suppress(CheckpointError):
                load(path)


def test_a_header_of_absurd_length_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.safetensors").write_bytes(struct.pack("<Q", 2**60) + b"{" + b" " * 100)
    with pytest.raises(Truncated):
        load(tmp_path / "odd.safetensors")


def test_weights_in_half_precision_are_taken_and_widened(state: dict[str, Tensor], tmp_path: Path) -> None:
    for kind in (torch.float16, torch.bfloat16):
        torch.save({"model": {name: value.to(kind) for name, value in state.items()}}, tmp_path / "half.pt")
        loaded = load(tmp_path / "half.pt").network.state_dict()
        assert all(value.dtype is torch.float32 for value in loaded.values())
        assert all(torch.equal(value, state[name].to(kind).float()) for name, value in loaded.items())


def test_weights_without_a_root_and_with_an_optimizer_beside_them_are_taken(
    state: dict[str, Tensor], tmp_path: Path
) -> None:
    optimizer = {"state": {0: {"step": torch.zeros(1)}}, "lr": 1e-4}
    for contents in (state, {"model": state, "optimizer": optimizer, "epoch": 3}):
        buffer = io.BytesIO()
        torch.save(contents, buffer)
        (tmp_path / "mine.pt").write_bytes(buffer.getvalue())
        assert load(tmp_path / "mine.pt").network.config == PRESETS["mini"]
