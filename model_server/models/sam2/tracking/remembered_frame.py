"""From what the network says of a frame to what a session remembers of it.

Shapes: h x w the stride-16 grid.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from model_server.models.loom.correspondence import expected_iou, presence
from model_server.models.sam2.network.prediction import FramePrediction
from model_server.models.sam2.tracking.memory_bank import Origin, RememberedFrame
from model_server.models.sam2.tracking.packed import PackedMask
from model_server.segmenter import Direction


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of one object on the frame that was prompted."""

    prediction: FramePrediction
    mask: PackedMask | None = None
    """The mask itself, where it is known finer than the prediction's logits."""


def predicted_frame(
    prediction: FramePrediction, row: int, origin: Origin, direction: Direction | None
) -> RememberedFrame:
    """One object's part of a prediction; copies, so that dropping it frees its memory."""
    return RememberedFrame(
        origin=origin,
        object_score=float(prediction.object_score[row]),
        predicted_iou=float(prediction.predicted_iou[row]),
        is_conditioning=False,
        candidate=int(prediction.mask_index[row]) - 1 if prediction.multimask else None,
        candidate_ious=tuple(prediction.offered_ious[row].tolist()),
        direction=direction,
        logits=prediction.logits[row : row + 1].clone(),
        object_pointer=prediction.object_pointer[row : row + 1].clone(),
    )


def answered_frame(answer: Answer, direction: Direction | None) -> RememberedFrame:
    """What a prompted object was answered on a frame that had been tracked in `direction`, or not at all."""
    frame = predicted_frame(answer.prediction, 0, "prompted", direction)
    frame.mask = answer.mask
    return frame


def carried_frame(logits: Tensor, direction: Direction, *, is_lost: bool) -> RememberedFrame:
    """What correspondence carried to a frame, (1, 1, 4h, 4w); its pointer is made once something attends to it."""
    return RememberedFrame(
        origin="tracked",
        object_score=float(presence(logits)),
        predicted_iou=float(expected_iou(logits)),
        is_conditioning=False,
        direction=direction,
        is_lost=is_lost,
        logits=logits.clone(),
    )
