"""A small network, its weights, and an empty catalogue."""

from pathlib import Path

import pytest
import torch

from model_server.models.catalogue.folder import Catalogue
from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.network.sam2 import Sam2
from tests.model_server.recipe_weights import recipe_network


@pytest.fixture(scope="session")
def network() -> Sam2:
    return recipe_network(PRESETS["mini"])


@pytest.fixture
def weights(network: Sam2, tmp_path: Path) -> Path:
    """A file in the released layout."""
    torch.save({"model": network.state_dict()}, tmp_path / "My Weights.pt")
    return tmp_path / "My Weights.pt"


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path / "data" / "models")
