"""The smallest network with a correspondence, with weights that follow from their names."""

from dataclasses import asdict

import torch

from model_server.models.architecture import LoadOptions
from model_server.models.loom.architecture import segmenter
from model_server.models.loom.config import LoomConfig
from model_server.models.loom.network import Loom
from model_server.models.sam2.build import Sam2Segmenter
from model_server.models.sam2.checkpoints.checkpoint import Checkpoint
from model_server.models.sam2.config import PRESETS
from tests.model_server.moving_disc import OBJECT_SCORE_BIAS
from tests.model_server.recipe_weights import recipe_network


def small_config(**fields: int | bool) -> LoomConfig:
    return LoomConfig(**{**asdict(PRESETS["mini"]), **fields})


def placed(network: Loom) -> Sam2Segmenter:
    return segmenter(Checkpoint(network, "", {}, "recipe"), LoadOptions(torch.device("cpu")))


def a_model(**overrides: float) -> Sam2Segmenter:
    """A random network that says of every object that it is there."""
    sharp = {"correspondence.sharpness": 4.0, OBJECT_SCORE_BIAS: 20.0}
    values = {**sharp, **{name.replace("__", "."): value for name, value in overrides.items()}}
    network = recipe_network(small_config(correspondence_dim=8), values)
    assert isinstance(network, Loom)
    return placed(network)
