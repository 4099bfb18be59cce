"""One object on one frame, as a session remembers it.

Shapes: h x w the stride-16 grid, C = d_model, C_mem memory channels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from model_server.masks.packed_mask import PackedMask
from model_server.models.sam2.network.prediction import FramePrediction
from model_server.models.sam2.tracking.packed import PointerShelf, ShelvedPointer
from model_server.segmenter import Direction

Origin = Literal["prompted", "tracked", "seeded"]


class Base(NamedTuple):
    """What clicks on a frame refine: a tracked or a given mask."""

    logits: Tensor  # (1, 1, 4h, 4w)
    mask: PackedMask | None = None
    """The (H, W) mask, if it is known in more detail than the logits."""


@dataclass(slots=True)
class RememberedFrame:
    """The answer given for one object on one frame, and the memory encoded from it on first use."""

    origin: Origin
    object_score: float
    predicted_iou: float
    is_conditioning: bool
    candidate: int | None = None
    candidate_ious: tuple[float, ...] = ()
    """As in `FrameResult`."""
    direction: Direction | None = None
    """Direction of the tracking that reached this frame; None if it started from its prompt alone."""
    mask: PackedMask | None = None
    """A given mask, or the mask of `logits` once those have been shed."""
    logits: Tensor | None = None  # (1, 1, 4h, 4w)
    base: Base | None = None
    """What the clicks on a prompted frame refine; None if they started from nothing."""
    base_mask: PackedMask | None = None
    """The same for a seeded frame whose mask answers prompts and has no logits yet."""
    says_nothing: bool = False
    """Whether tracking had no source here, so that later frames should not use this one."""
    passing_logits: Tensor | None = None
    """An answer on a conditioning frame that further clicks refine and the next propagation discards."""
    features: Tensor | None = None  # (1, C_mem, h, w)
    object_pointer: Tensor | None = None  # (1, C)
    shelved_pointer: ShelvedPointer | None = None
    """Set instead of `object_pointer` once the frame has been shed."""

    @property
    def is_certain(self) -> bool:
        """Whether a person has confirmed the mask."""
        return self.is_conditioning or self.origin == "prompted"

    @property
    def holds_tensors(self) -> bool:
        """Whether there is anything to shed."""
        return self.logits is not None or self.features is not None

    def pointer(self, device: torch.device) -> Tensor | None:
        """(1, C) on the device, or None for a seeded frame that has none yet."""
        if self.object_pointer is None and self.shelved_pointer is not None:
            return self.shelved_pointer.tensor(device)
        return self.object_pointer

    def shed(self, shelf: PointerShelf) -> None:
        """Keep only the mask and the pointer; the memory can be encoded again from the mask and the image."""
        if self.mask is None and self.logits is not None:
            self.mask = PackedMask.pack((self.logits[0, 0] > 0).cpu().numpy())
        if self.object_pointer is not None:
            self.shelved_pointer = shelf.keep(self.object_pointer.float().cpu().numpy())
        self.logits = self.features = self.object_pointer = None
        self.candidate_ious = ()

    def num_bytes(self) -> int:
        """Bytes held."""
        logits, detail = (None, None) if self.base is None else self.base
        tensors = (self.logits, logits, self.features, self.object_pointer)
        packed = sum(len(mask.counts) for mask in (self.mask, detail, self.base_mask) if mask)
        packed += self.shelved_pointer.num_bytes if self.shelved_pointer is not None else 0
        return packed + sum(x.numel() * x.element_size() for x in tensors if x is not None)


@dataclass(frozen=True, slots=True)
class PromptAnswer:
    """The answer for one object on the prompted frame."""

    prediction: FramePrediction
    mask: PackedMask | None = None
    """The (H, W) mask, if it is known in more detail than the logits of the prediction."""


def predicted_frame(
    prediction: FramePrediction, row: int, origin: Origin, direction: Direction | None
) -> RememberedFrame:
    """The part of a prediction for the object in `row`, copied so that dropping it frees its memory."""
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
    """The answer to a prompt on a frame that had been tracked in `direction`, or not at all (None)."""
    frame = predicted_frame(answer.prediction, 0, "prompted", direction)
    frame.mask = answer.mask
    return frame
