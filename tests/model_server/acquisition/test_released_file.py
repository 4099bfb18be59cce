"""A released model comes from its address into the catalogue, or not at all."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from model_server.acquisition.download import DownloadError
from model_server.acquisition.released_file import fetch
from model_server.models.catalogue.addition import digest_of
from model_server.models.catalogue.folder import Catalogue
from model_server.models.catalogue.released import RELEASED, Released
from model_server.models.problems import CarriesCode, CheckpointError
from model_server.models.sam2.config import PRESETS
from tests.model_server.acquisition.file_server import FileServer, file_server
from tests.model_server.models.catalogue.conftest import catalogue, network, weights

__all__ = ["catalogue", "network", "weights"]


@pytest.fixture
def server(weights: Path) -> Iterator[FileServer]:
    with file_server(weights.read_bytes()) as served:
        yield served


@pytest.fixture
def released(weights: Path) -> Released:
    """A released model that is really the small test network."""
    return replace(RELEASED["sam2.1_hiera_tiny"], digest=digest_of(weights))


def left_over(catalogue: Catalogue) -> list[str]:
    return sorted(path.name for path in catalogue.folder.rglob("*") if path.is_file() and path.suffix != ".lock")


def test_a_fetched_model_is_in_the_catalogue_with_its_address(
    catalogue: Catalogue, released: Released, server: FileServer
) -> None:
    server.cut_after = [1_000_000]
    entry = fetch(catalogue, released, url=server.url)
    assert (entry.name, entry.digest, entry.origin) == (released.name, released.digest, server.url)
    assert catalogue.entries() == [entry]
    assert left_over(catalogue) == [f"{released.name}-{entry.version}.pt", f"{released.name}.json"]


def test_another_file_than_the_known_one_is_deleted(catalogue: Catalogue, server: FileServer) -> None:
    with pytest.raises(DownloadError, match=f"SHA-256 is .*, not {RELEASED['sam2_hiera_large'].digest}"):
        fetch(catalogue, RELEASED["sam2_hiera_large"], url=server.url)
    assert left_over(catalogue) == []


def test_a_file_with_the_right_digest_is_still_checked_by_loading_it(
    catalogue: Catalogue, released: Released, server: FileServer, tmp_path: Path
) -> None:
    (tmp_path / "noise").write_bytes(b"PK\x03\x04 not a checkpoint")
    server.contents = (tmp_path / "noise").read_bytes()
    with pytest.raises(CheckpointError, match=r"weights\.pt has no table of contents") as problem:
        fetch(catalogue, replace(released, digest=digest_of(tmp_path / "noise")), url=server.url)
    assert not isinstance(problem.value, CarriesCode)
    assert left_over(catalogue) == []


def test_the_eight_released_models_are_the_presets_and_have_addresses_and_digests() -> None:
    assert set(RELEASED) == {name for name in PRESETS if "hiera" in name}
    assert len({model.digest for model in RELEASED.values()}) == 8
    base = "https://dl.fbaipublicfiles.com/segment_anything_2"
    assert RELEASED["sam2.1_hiera_base_plus"].url == f"{base}/092824/sam2.1_hiera_base_plus.pt"
    assert RELEASED["sam2_hiera_small"].url == f"{base}/072824/sam2_hiera_small.pt"
