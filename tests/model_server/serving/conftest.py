"""A model server with a small network, shared by the tests of a session."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from model_server.models.architecture import LoadOptions
from model_server.models.sam2.build import Sam2Segmenter, segmenter
from model_server.models.sam2.checkpoints.checkpoint import Checkpoint
from model_server.models.sam2.config import PRESETS
from tests.model_server.recipe_weights import MINI_OVERRIDES, recipe_network
from tests.model_server.serving.running_server import RunningServer, Tracker, running_server
from tests.model_server.video.proxies import write_proxy

NUM_FRAMES = 40


OVERRIDES = {**MINI_OVERRIDES, "sam_mask_decoder.pred_obj_score_head.layers.2.bias": 4.0}  # objects are visible


def build_mini() -> Sam2Segmenter:
    """The real network at its smallest, with weights that follow from their names."""
    torch.set_num_threads(1)
    network = recipe_network(PRESETS["mini"], OVERRIDES)
    return segmenter(Checkpoint(network, "", {}, "recipe"), LoadOptions(torch.device("cpu")))


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("data")
    write_proxy(data_dir / "proxy.mp4", NUM_FRAMES)
    return data_dir


@pytest.fixture(scope="session")
def server(data_dir: Path) -> Iterator[RunningServer]:
    with running_server(data_dir, build_mini) as server:
        yield server


@pytest.fixture
def tracker(server: RunningServer) -> Iterator[Tracker]:
    """A tracking session of its own, on the real network."""
    tracker = Tracker(server.url, "proxy.mp4", NUM_FRAMES)
    assert tracker.open().status_code == 201
    yield tracker
    tracker.http.delete(tracker.session_url)
    tracker.http.close()
