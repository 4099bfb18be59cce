"""A small video drawn on demand, a small network, and what session tests do with them again and again."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from model_server.models.architecture import LoadOptions
from model_server.models.sam2.build import Sam2Segmenter
from model_server.models.sam2.build import segmenter as sam2_segmenter
from model_server.models.sam2.checkpoints.checkpoint import Checkpoint
from model_server.models.sam2.config import PRESETS
from model_server.segmenter import Click, FramePrompt, FrameResult, TrackingSession
from tests.model_server.recipe_weights import recipe_network

HEIGHT, WIDTH = 90, 160
OBJECT_SCORE_BIAS = "sam_mask_decoder.pred_obj_score_head.layers.2.bias"


@dataclass(frozen=True)
class MovingDisc:
    """A bright disc that crosses a textured background, made on demand."""

    num_frames: int = 12
    height: int = HEIGHT
    width: int = WIDTH

    def centre(self, frame_index: int) -> tuple[float, float]:
        return 40 + 60 * frame_index / self.num_frames, 45.0

    def disc(self, frame_index: int) -> NDArray[np.bool_]:
        y, x = np.mgrid[: self.height, : self.width]
        cx, cy = self.centre(frame_index)
        return (x - cx) ** 2 + (y - cy) ** 2 <= 20**2

    def rgb(self, frame_index: int) -> NDArray[np.uint8]:
        texture = np.random.default_rng(7).integers(0, 90, (self.height, self.width, 3), dtype=np.uint8)
        texture[self.disc(frame_index)] += np.array([140, 120, 30], np.uint8)
        return texture


def make_mini(object_score_bias: float = 20.0) -> Sam2Segmenter:
    network = recipe_network(PRESETS["mini"], {OBJECT_SCORE_BIAS: object_score_bias})
    return sam2_segmenter(Checkpoint(network, "", {}, "recipe"), LoadOptions(torch.device("cpu")))


def click(video: MovingDisc, frame_index: int) -> FramePrompt:
    return FramePrompt((Click(*video.centre(frame_index), positive=True),))


def run(session: TrackingSession, frames: range, object_id: str = "a") -> list[FrameResult]:
    direction = "forward" if frames.step > 0 else "backward"
    return [session.track(object_id, frame, direction) for frame in frames]


def same(one: FrameResult, other: FrameResult) -> bool:
    return np.array_equal(one.low_res_logits, other.low_res_logits) and np.array_equal(one.mask, other.mask)
