"""Long videos: what a session holds stops growing.

`make soak` tracks ten minutes of video with the built-in model; `make test-slow` has a smaller network do 1,500 frames.
The session's own count of its memory is tested over 200 frames in `test_session_conformance.py`.
"""

import gc
import os
from dataclasses import dataclass, replace

import numpy as np
import psutil
import pytest
import torch
from numpy.typing import NDArray

from model_server.models.architecture import LoadOptions
from model_server.models.registry import build
from model_server.models.sam2.build import segmenter as sam2_segmenter
from model_server.models.sam2.checkpoints.checkpoint import Checkpoint
from model_server.models.sam2.config import PRESETS
from model_server.segmenter import Click, FramePrompt, VideoSegmenter
from tests.model_server.moving_disc import OBJECT_SCORE_BIAS
from tests.model_server.recipe_weights import recipe_network

SETTLED = 500
TEN_MINUTES = 14_400
MAX_GROWTH = 100 * 2**20
OBJECTS = {"one": (15, 32), "two": (32, 32), "three": (50, 32)}
SMALL = replace(
    PRESETS["mini"],
    image_size=64,
    embed_dim=8,
    stages=(1, 1, 1, 1),
    global_attention_blocks=(2,),
    d_model=32,
    decoder_heads=4,
    mem_dim=8,
    memory_layers=1,
)


@dataclass(frozen=True)
class WanderingLights:
    """Three bright squares that wander over a gradient, drawn on demand and not kept."""

    num_frames: int
    height: int = 64
    width: int = 64

    def rgb(self, frame_index: int) -> NDArray[np.uint8]:
        picture = np.zeros((self.height, self.width, 3), np.uint8)
        picture[..., 0] = np.arange(self.width)
        picture[..., 1] = np.arange(self.height)[:, None]
        for number, (x, y) in enumerate(OBJECTS.values()):
            turn = frame_index / 40 + 2 * number
            left, top = int(x + 4 * np.cos(turn)) - 5, int(y + 20 * np.sin(turn)) - 5
            picture[top : top + 10, left : left + 10] = (240, 90 * number, 40)
        return picture


def make_small() -> VideoSegmenter:
    """So small that its limits are reached early, as the built-in model's are."""
    network = recipe_network(SMALL, {OBJECT_SCORE_BIAS: 20.0})
    model = sam2_segmenter(Checkpoint(network, "", {}, "recipe"), LoadOptions(torch.device("cpu")))
    limits = replace(model.options, feature_cache_bytes=2**20, tracked_bytes_per_object=2**18)
    return replace(model, options=limits)


@pytest.mark.parametrize(
    ("model", "num_frames"),
    [
        pytest.param("small", 1_500, marks=pytest.mark.slow),
        pytest.param("builtin", 1_500, marks=pytest.mark.slow),
        pytest.param("builtin", TEN_MINUTES, marks=pytest.mark.slow),
    ],
)
@pytest.mark.timeout(4 * 3600)
def test_soak_memory_stays_flat(model: str, num_frames: int) -> None:
    torch.set_num_threads(1)
    session = (make_small() if model == "small" else build("builtin", "cpu")).open(WanderingLights(num_frames))
    for name, (x, y) in OBJECTS.items():
        session.prompt(name, 0, FramePrompt((Click(x, y, True),)))
    held: dict[int, int] = {}
    resident: dict[int, int] = {}
    for frame in range(1, num_frames):
        for result in session.track_together(list(OBJECTS), frame, "forward"):
            assert np.isfinite(result.object_score)
        if frame % 100 == 0:
            gc.collect()
            held[frame], resident[frame] = session.memory_bytes(), psutil.Process(os.getpid()).memory_info().rss
    later = [frame for frame in held if frame > SETTLED]
    growth = max(held[frame] for frame in later) - held[SETTLED]
    assert max(resident[frame] for frame in later) - resident[SETTLED] < MAX_GROWTH
    assert growth < MAX_GROWTH
    assert growth / (num_frames - SETTLED) * (TEN_MINUTES - SETTLED) < MAX_GROWTH
    print(f"{model}, {num_frames} frames: {held} bytes held, {resident} resident")
