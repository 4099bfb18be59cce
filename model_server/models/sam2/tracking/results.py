"""Turns remembered frames into the results that are shown: masks at the size of the video, and their scores.

Shapes: h x w the stride-16 grid, (H, W) the video.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from model_server.masks.components import pieces_up_to
from model_server.models.sam2.geometry import InputGeometry
from model_server.models.sam2.network.prediction import REPORTED_STABILITY_OFFSET, stability
from model_server.models.sam2.tracking.memory_reader import MemoryReader
from model_server.models.sam2.tracking.remembered_frame import RememberedFrame
from model_server.segmenter import FrameResult, Mask

FILLED_LOGIT = 0.1


@dataclass(frozen=True, slots=True)
class ResultMaker:
    """Makes the results of one video."""

    memory: MemoryReader
    geometry: InputGeometry
    non_overlapping: bool

    def results(self, frame_index: int, frames: Mapping[str, RememberedFrame]) -> list[FrameResult]:
        """The results of the objects on one frame, in order; overlaps are resolved if `non_overlapping`."""
        logits = {object_id: self.memory.logits(frame).float() for object_id, frame in frames.items()}
        masks = {object_id: self._mask(frame, logits[object_id]) for object_id, frame in frames.items()}
        if self.non_overlapping and len(frames) > 1:
            stacked = torch.cat([self.geometry.video_logits(each) for each in logits.values()], dim=1)
            winner = stacked[0].argmax(dim=0).cpu().numpy()
            masks = {object_id: mask & (winner == row) for row, (object_id, mask) in enumerate(masks.items())}
        return [
            FrameResult(
                frame_index=frame_index,
                object_id=object_id,
                mask=masks[object_id],
                low_res_logits=logits[object_id][0, 0].cpu().numpy(),
                predicted_iou=frame.predicted_iou,
                object_score=frame.object_score,
                stability=float(stability(logits[object_id][0, 0], REPORTED_STABILITY_OFFSET)),
                candidate=frame.candidate,
                candidate_ious=frame.candidate_ious,
            )
            for object_id, frame in frames.items()
        ]

    def _mask(self, frame: RememberedFrame, logits: Tensor) -> Mask:
        return frame.mask.unpack() if frame.mask else self.geometry.video_mask(logits)


def filled(logits: Tensor, max_area: int) -> Tensor:
    """Raise holes of at most `max_area` pixels in (1, 1, 4h, 4w) logits to just above the threshold."""
    holes = pieces_up_to((logits[0, 0] <= 0).cpu().numpy(), max_area)
    return torch.where(torch.as_tensor(np.ascontiguousarray(holes)).to(logits.device), FILLED_LOGIT, logits)
