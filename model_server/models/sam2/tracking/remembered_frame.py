"""What a session remembers of one object on one frame.

Shapes: h x w the stride-16 grid, C = d_model, C_mem memory channels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from model_server.models.sam2.network.prediction import FramePrediction
from model_server.models.sam2.tracking.packed import PackedMask, PointerShelf, ShelvedPointer
from model_server.segmenter import Direction

Origin = Literal["prompted", "tracked", "seeded"]


@dataclass(slots=True)
class RememberedFrame:
    """One object on one frame: the answer that was given, and the memory made of it once something attends to it."""

    origin: Origin
    object_score: float
    predicted_iou: float
    is_conditioning: bool
    candidate: int | None = None
    candidate_ious: tuple[float, ...] = ()
    """As in `FrameResult`."""
    direction: Direction | None = None
    """How tracking came here; None for a frame that started from its prompt alone."""
    mask: PackedMask | None = None
    """The mask that was given, or what is left of `logits` far from where tracking is."""
    logits: Tensor | None = None  # (1, 1, 4h, 4w)
    base_logits: Tensor | None = None
    """What clicks on a prompted frame refine: tracking's answer or a given mask; None if they started afresh."""
    base_mask: PackedMask | None = None
    """The same for a seeded frame whose mask answers prompts, while there are no logits of it."""
    says_nothing: bool = False
    """Whether tracking had nothing to go by here, so that no later frame should learn from this one."""
    passing_logits: Tensor | None = None
    """An answer on a conditioning frame that is refined by further clicks, but forgotten by the next propagation."""
    features: Tensor | None = None  # (1, C_mem, h, w)
    object_pointer: Tensor | None = None  # (1, C)
    shelved_pointer: ShelvedPointer | None = None
    """That of a frame that was shed."""

    @property
    def is_certain(self) -> bool:
        """Whether a person answers for the mask."""
        return self.is_conditioning or self.origin == "prompted"

    @property
    def holds_tensors(self) -> bool:
        """Whether there is anything to shed."""
        return self.logits is not None or self.features is not None

    def pointer(self, device: torch.device) -> Tensor | None:
        """(1, C), or None while a seeded frame has none."""
        if self.object_pointer is None and self.shelved_pointer is not None:
            return self.shelved_pointer.tensor(device)
        return self.object_pointer

    def shed(self, shelf: PointerShelf) -> None:
        """Keep mask and pointer only. The memory can be made again from the mask and the frame's image."""
        if self.mask is None and self.logits is not None:
            self.mask = PackedMask.pack((self.logits[0, 0] > 0).cpu().numpy())
        if self.object_pointer is not None:
            self.shelved_pointer = shelf.keep(self.object_pointer.float().cpu().numpy())
        self.logits = self.features = self.object_pointer = None
        self.candidate_ious = ()

    def num_bytes(self) -> int:
        """Memory held."""
        tensors = (self.logits, self.base_logits, self.features, self.object_pointer)
        packed = sum(len(mask.counts) for mask in (self.mask, self.base_mask) if mask)
        packed += self.shelved_pointer.num_bytes if self.shelved_pointer is not None else 0
        return packed + sum(x.numel() * x.element_size() for x in tensors if x is not None)


@dataclass(frozen=True, slots=True)
class PromptAnswer:
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
        candidate_ious=tuple(prediction.offered_ious[row].cpu().numpy().tolist()),
        direction=direction,
        logits=prediction.logits[row : row + 1].clone(),
        object_pointer=prediction.object_pointer[row : row + 1].clone(),
    )


def answered_frame(answer: PromptAnswer, direction: Direction | None) -> RememberedFrame:
    """What a prompted object was answered on a frame that had been tracked in `direction`, or not at all."""
    frame = predicted_frame(answer.prediction, 0, "prompted", direction)
    frame.mask = answer.mask
    return frame
