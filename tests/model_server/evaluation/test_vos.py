"""The tracking protocol, run through a real session of a small untrained network."""

import numpy as np
import pytest
import torch

from model_server.evaluation.image_miou import clicked_frames
from model_server.evaluation.vos import copied, iou, prompt_frame, score_masks, track_object
from model_server.models.registry import build
from model_server.models.sam2.checkpoints.checkpoint import save
from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.network.sam2 import Sam2
from model_server.segmenter import VideoSegmenter


class MovingSquare:
    """Six frames; a bright square moves 4 pixels a frame, and is gone on the fourth."""

    num_frames, height, width = 6, 48, 64

    def mask(self, frame_index: int) -> np.ndarray:
        mask = np.zeros((self.height, self.width), bool)
        if frame_index != 3:
            mask[10:30, 4 * frame_index + 8 : 4 * frame_index + 28] = True
        return mask

    def rgb(self, frame_index: int) -> np.ndarray:
        return np.where(self.mask(frame_index)[..., None], 230, 40).repeat(3, axis=2).astype(np.uint8)

    def truths(self) -> dict[int, np.ndarray]:
        return {frame: self.mask(frame) for frame in range(self.num_frames)}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> VideoSegmenter:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "mini.safetensors"
    save(Sam2(PRESETS["mini"]), path, card="", metrics={})
    return build(str(path), "cpu")


def test_copying_the_first_mask_scores_the_overlap_with_it() -> None:
    clip = MovingSquare()
    score = score_masks(clip.truths(), copied(clip.truths(), clip.mask(0)))
    assert score.region == pytest.approx([16 / 24, 12 / 28, 0.0, 4 / 36])


def test_tracking_scores_every_annotated_frame_but_the_ends(model: VideoSegmenter) -> None:
    clip = MovingSquare()
    tracking = track_object(model, clip, "1", clip.truths(), "mask")
    assert len(score_masks(clip.truths(), tracking.masks).region) == 4
    assert iou(clip.mask(0), tracking.masks[0]) > 0.9  # a given mask is kept, up to the network's resolution
    assert tracking.seconds_per_frame > 0


def test_an_object_is_prompted_where_it_first_shows() -> None:
    clip = MovingSquare()
    truths = clip.truths() | {0: np.zeros((48, 64), bool)}
    assert score_masks(truths, copied(truths, clip.mask(1))).region == pytest.approx([16 / 24, 0.0, 8 / 32])


def test_three_clicks_are_one_prompt_set(model: VideoSegmenter) -> None:
    clip = MovingSquare()
    session = model.open(clip)
    prompt, result = prompt_frame(session, "1", 0, clip.mask(0), "clicks:3")
    assert len(prompt.clicks) == 3
    assert result.frame_index == 0
    assert result.mask.shape == (48, 64)


def test_an_object_that_never_shows_is_refused(model: VideoSegmenter) -> None:
    with pytest.raises(ValueError, match="never visible"):
        track_object(model, MovingSquare(), "1", {0: np.zeros((48, 64), bool)}, "mask")


def test_images_are_measured_where_the_object_shows(model: VideoSegmenter) -> None:
    clip = MovingSquare()
    assert len(clicked_frames(model, clip, clip.truths(), "clicks:1", every=1)) == 5
    assert len(clicked_frames(model, clip, clip.truths(), "clicks:1", every=2)) == 3


def test_two_empty_masks_overlap_perfectly() -> None:
    assert iou(np.zeros((2, 2), bool), np.zeros((2, 2), bool)) == 1.0
