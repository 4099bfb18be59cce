"""The image encoders of all four released sizes against recorded maps of one 1024-pixel frame."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.frame_features import as_input
from tests.model_server.golden_scenarios import GOLDEN, REASON_ABSENT
from tests.model_server.recipe_weights import recipe_network

SIZES = {"t": "tiny", "s": "small", "b+": "base_plus", "l": "large"}
CHANNEL_STEPS = {"fpn0": (8, 32), "fpn1": (8, 16), "fpn2": (4, 4)}
RECORDING = GOLDEN / "intermediates" / "encoders_1024"


@pytest.mark.slow
@pytest.mark.skipif(not RECORDING.with_suffix(".npz").is_file(), reason=REASON_ABSENT)
@pytest.mark.parametrize("size", SIZES)
@torch.inference_mode()
def test_the_encoder_gives_the_recorded_maps(size: str) -> None:
    noise = json.loads(RECORDING.with_suffix(".json").read_text())["fp32_noise_threads_1_vs_2"]
    image = np.asarray(Image.open(GOLDEN / "frames" / "full_1024_00.png").convert("RGB"))
    network = recipe_network(PRESETS[f"sam2.1_hiera_{SIZES[size]}"], {})
    maps = network.image_encoder(as_input(image, 1024))
    with np.load(RECORDING.with_suffix(".npz")) as recorded:
        for (name, (channels, cells)), ours in zip(CHANNEL_STEPS.items(), maps, strict=True):
            key = f"sam2.1_hiera_{size}/{name}"
            difference = abs(ours[0, ::channels, ::cells, ::cells].numpy() - recorded[key]).max()
            assert difference <= max(1e-4 * recorded[key].std(), 10 * noise[key]), key
