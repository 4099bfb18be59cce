"""Corrections of tracked frames, run through a real session of a small untrained network."""

import numpy as np
import pytest

from model_server.evaluation.corrections import corrected_frames
from model_server.evaluation.vos import iou, track_object
from model_server.segmenter import VideoSegmenter
from tests.model_server.evaluation.test_vos import MovingSquare, model  # noqa: F401 - a fixture


def test_each_frame_starts_from_the_carried_mask_and_is_corrected_by_itself(model: VideoSegmenter) -> None:  # noqa: F811
    clip = MovingSquare()
    every = corrected_frames(model, clip, clip.truths(), every=1, clicks=2)
    assert [len(frame) for frame in every] == [3, 3, 3, 3]  # four frames after the first show the square
    tracked = track_object(model, clip, "1", clip.truths(), "mask").masks
    assert [frame[0].true for frame in every] == [iou(clip.mask(index), tracked[index]) for index in (1, 2, 4, 5)]
    second = corrected_frames(model, clip, clip.truths(), every=2, clicks=2)
    assert second == every[1::2]


def test_a_frame_without_errors_is_not_clicked(model: VideoSegmenter) -> None:  # noqa: F811
    clip = MovingSquare()
    ignored = {index: np.ones((48, 64), bool) for index in range(6)}
    nothing = {index: mask & ~mask for index, mask in clip.truths().items()} | {0: clip.mask(0)}
    assert corrected_frames(model, clip, nothing, every=1, clicks=3, void=ignored) == []
    with pytest.raises(ValueError, match="never visible"):
        corrected_frames(model, clip, {0: np.zeros((48, 64), bool)}, every=1, clicks=1)
