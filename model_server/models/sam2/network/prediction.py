"""What the network predicts for one frame, and how one of its four masks is chosen.

Shapes: B objects, C = d_model, h x w the stride-16 grid, S = 16 h the image size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from model_server.models.sam2.network.mask_decoder import Candidates

STABILITY_OFFSET = 0.05
STABLE_FROM = 0.98
REPORTED_STABILITY_OFFSET = 1.0
"""Shift of the threshold, in logits, for the stability that is reported; the same as in SA-V."""
LOGIT_LIMIT = 32.0
"""Logits fed back for refinement are clamped to +-32, as in the released predictor."""
MAX_AMBIGUOUS_POINTS = 1


@dataclass(frozen=True, slots=True)
class ImageFeatures:
    """An encoded frame. With B = 1 it serves any number of objects."""

    stride16: Tensor  # (B, C, h, w)
    stride8: Tensor  # (B, C/4, 2h, 2w), projected for the mask decoder
    stride4: Tensor  # (B, C/8, 4h, 4w), projected for the mask decoder
    extra: Tensor | None = None  # (B, M, 4h, 4w), if a network built on this one adds a map

    def pick(self, index: Tensor) -> ImageFeatures:
        """The features of the images `index`, (N,), one per object."""
        return self.map(lambda x: x[index])

    def to(self, device: torch.device) -> ImageFeatures:
        """The same features on a device."""
        return self.map(lambda x: x.to(device))

    def map(self, change: Callable[[Tensor], Tensor]) -> ImageFeatures:
        """Apply the same function to every map."""
        extra = None if self.extra is None else change(self.extra)
        return ImageFeatures(change(self.stride16), change(self.stride8), change(self.stride4), extra)

    def maps(self) -> list[Tensor]:
        """All maps, in the order of the fields."""
        return [x for x in (self.stride16, self.stride8, self.stride4, self.extra) if x is not None]

    def num_bytes(self) -> int:
        """Bytes held."""
        return sum(x.numel() * x.element_size() for x in self.maps())


@dataclass(frozen=True, slots=True)
class PromptTensors:
    """Clicks, boxes (as two corner points, first) and mask logits of B objects on one frame."""

    points: Tensor  # (B, N, 2) x, y pixel indices of the S x S input; N may be 0
    labels: Tensor  # (B, N) the labels of `prompt_encoder`
    mask_logits: Tensor | None = None  # (B, 1, 4h, 4w), other sizes are resized

    @classmethod
    def none(cls, batch: int, device: torch.device) -> PromptTensors:
        """No prompt, as in plain tracking."""
        return cls(torch.zeros(batch, 0, 2, device=device), torch.zeros(batch, 0, dtype=torch.long, device=device))

    @property
    def is_ambiguous(self) -> bool:
        """Whether to propose several candidates: with at most one point (a box counts as two)."""
        return self.points.shape[1] <= MAX_AMBIGUOUS_POINTS


@dataclass(frozen=True, slots=True)
class FramePrediction:
    """The chosen mask of each object, and the candidates it was chosen from."""

    logits: Tensor  # (B, 1, 4h, 4w); -1024 everywhere when the object is absent
    predicted_iou: Tensor  # (B,)
    object_score: Tensor  # (B, 1) logit, positive = visible
    object_pointer: Tensor  # (B, C)
    candidates: Candidates
    mask_index: Tensor  # (B,) which candidate was chosen
    multimask: bool = False  # whether it was chosen among masks 1 to 3

    @property
    def offered_ious(self) -> Tensor:
        """Predicted IoU of the masks to choose from: (B, 3) candidates or (B, 1) single mask."""
        return self.candidates.predicted_ious[:, 1:] if self.multimask else self.predicted_iou[:, None]


def stability(logits: Tensor, offset: float = STABILITY_OFFSET) -> Tensor:
    """(..., h, w) logits -> (...): IoU of the masks at thresholds +-offset (SAM, section 4); 1 for an empty mask."""
    inner = (logits > offset).sum(dim=(-2, -1))
    outer = (logits > -offset).sum(dim=(-2, -1))
    return torch.where(outer > 0, inner / outer.clamp(min=1), 1.0)


def choose(
    candidates: Candidates, multimask: bool, stability_fallback: bool, candidate: int | None = None
) -> tuple[Tensor, Tensor]:
    """(B,) indices of the mask to return and of the token that its pointer is made from.

    An ambiguous prompt takes the best of masks 1 to 3, or the candidate a person chose. Otherwise mask 0 is taken,
    unless it is unstable and the fallback is on; even then the pointer comes from mask 0, as in the released predictor.
    """
    best = 1 + candidates.predicted_ious[:, 1:].argmax(dim=1)
    if multimask:
        chosen = best if candidate is None else torch.full_like(best, 1 + candidate)
        return chosen, chosen
    first = torch.zeros_like(best)
    if not stability_fallback:
        return first, first
    stable = stability(candidates.masks[:, 0]) >= STABLE_FROM
    return torch.where(stable, first, best), first
