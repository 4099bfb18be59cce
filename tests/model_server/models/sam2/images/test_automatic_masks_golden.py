"""Automatic masks against recordings of the released generator: the same masks, in the same order."""

import hashlib
import json
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from model_server.mask_search import AutomaticMask, AutomaticOptions
from model_server.masks import rle
from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.images.automatic_masks import automatic_masks
from model_server.models.sam2.images.image_segmenter import ImageSegmenter
from tests.model_server.golden_scenarios import GOLDEN, REASON_ABSENT
from tests.model_server.recipe_weights import recipe_network

RECORDING = GOLDEN / "image" / "amg.json"
DESCRIPTION: dict[str, Any] = json.loads(RECORDING.read_text()) if RECORDING.is_file() else {"options": {}}
pytestmark = pytest.mark.skipif(not DESCRIPTION["options"], reason=REASON_ABSENT)


def options_of(recorded: dict[str, Any]) -> AutomaticOptions:
    """A recorded call's options in our words."""
    side, layers = recorded["points_per_side"], recorded.get("crop_n_layers", 0)
    shrinking = recorded.get("crop_n_points_downscale_factor", 1)
    return AutomaticOptions(
        grids=tuple(int(side / shrinking**layer) for layer in range(layers + 1)),
        points_per_batch=recorded["points_per_batch"],
        min_predicted_iou=recorded["pred_iou_thresh"],
        min_stability=recorded["stability_score_thresh"],
        stability_offset=recorded.get("stability_score_offset", 1.0),
        mask_threshold=recorded.get("mask_threshold", 0.0),
        max_box_iou=recorded["box_nms_thresh"],
        max_box_iou_across_crops=recorded.get("crop_nms_thresh", 0.7),
        clean_under=0,
        refine=recorded.get("use_m2m", False),
    )


@pytest.mark.parametrize("name", DESCRIPTION["options"] or ["none"])
def test_the_recorded_masks_are_found_in_their_order(name: str) -> None:
    torch.set_num_threads(1)
    network = recipe_network(PRESETS[DESCRIPTION["config"]], DESCRIPTION["weight_overrides"])
    image = np.asarray(Image.open(GOLDEN / DESCRIPTION["image_orig"]).convert("RGB"))
    found = automatic_masks(ImageSegmenter(network), image, options_of(DESCRIPTION["options"][name]))
    recorded = DESCRIPTION["records"][name]
    assert len(found) == len(recorded)
    for ours, theirs in zip(found, recorded, strict=True):
        assert list(ours.box) == theirs["bbox"]
        assert list(ours.crop_box) == theirs["crop_box"]
        assert list(ours.point) == theirs["point_coords"][0]
        assert ours.predicted_iou == pytest.approx(theirs["predicted_iou"], abs=2e-5)
        assert ours.stability == pytest.approx(theirs["stability_score"], abs=1e-4)
        assert abs(ours.area - theirs["area"]) <= 10
    exact = sum(digest(ours) == theirs["rle_sha256"] for ours, theirs in zip(found, recorded, strict=True))
    assert exact >= len(found) / 2  # rounding may move one boundary pixel, and with it a digest


def digest(mask: AutomaticMask) -> str:
    """SHA-256 of the uncompressed run lengths, column by column."""
    pixels = rle.decode(mask.counts, height=540, width=960).ravel(order="F")
    edges = np.flatnonzero(np.diff(pixels, prepend=False)).tolist()
    counts = np.diff([0, *edges, pixels.size]).tolist()
    return hashlib.sha256(json.dumps(counts).encode()).hexdigest()
