"""Weights that start and answer fast, where what a mask looks like does not matter."""

from dataclasses import replace
from pathlib import Path

from model_server.models.sam2.checkpoints.checkpoint import save
from model_server.models.sam2.config import PRESETS
from tests.model_server.recipe_weights import MINI_OVERRIDES, recipe_network

VISIBLE = {**MINI_OVERRIDES, "sam_mask_decoder.pred_obj_score_head.layers.2.bias": 4.0}  # objects are present


def write_mini_weights(path: Path) -> Path:
    """The real network at its smallest and coarsest, with weights that follow from their names."""
    save(recipe_network(replace(PRESETS["mini"], image_size=128), VISIBLE), path, card="# Mini", metrics={})
    return path
