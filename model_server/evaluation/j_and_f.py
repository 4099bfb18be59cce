"""The metrics J, F and J&F of DAVIS and SA-V: region similarity, contour accuracy and their mean.

All masks are (H, W) bool, all scores are in 0..1. Frames are the annotated frames in order; by default the first and
the last are not scored.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from model_server.segmenter import Mask

TOLERANCE = 0.008
"""How far a contour may be off, as a share of the image diagonal."""


@dataclass(frozen=True, slots=True)
class ObjectScore:
    """One object's scores on every counted frame."""

    region: list[float]
    contour: list[float]

    @property
    def j(self) -> float:
        """Mean region similarity."""
        return float(np.mean(self.region))

    @property
    def f(self) -> float:
        """Mean contour accuracy."""
        return float(np.mean(self.contour))

    @property
    def j_and_f(self) -> float:
        """The mean of J and F."""
        return (self.j + self.f) / 2


def score_object(truths: Sequence[Mask], predictions: Sequence[Mask], *, skip_ends: bool = True) -> ObjectScore:
    """Score one object's masks on its annotated frames.

    Frames count from the first one on which truth or prediction is not empty. ValueError for lists of different
    lengths, and for an object that the ground truth shows on no scored frame.
    """
    pairs = list(zip(truths, predictions, strict=True))
    pairs = pairs[1:-1] if skip_ends else pairs
    if not any(truth.any() for truth, _ in pairs):
        raise ValueError("the object is visible on no scored frame")
    first = next(i for i, (truth, predicted) in enumerate(pairs) if truth.any() or predicted.any())
    counted = pairs[first:]
    return ObjectScore(
        region=[region_similarity(truth, predicted) for truth, predicted in counted],
        contour=[contour_accuracy(truth, predicted) for truth, predicted in counted],
    )


def mean_scores(scores: Iterable[ObjectScore]) -> tuple[float, float, float]:
    """(J, F, J&F) averaged over objects, each object counting once."""
    listed = list(scores)
    j, f = float(np.mean([score.j for score in listed])), float(np.mean([score.f for score in listed]))
    return j, f, (j + f) / 2


def region_similarity(truth: Mask, predicted: Mask) -> float:
    """J: intersection over union; 1 for two empty masks. ValueError for different shapes."""
    _same_shape(truth, predicted)
    union = int((truth | predicted).sum())
    return 1.0 if union == 0 else int((truth & predicted).sum()) / union


def contour_accuracy(truth: Mask, predicted: Mask) -> float:
    """F: the harmonic mean of the shares of either contour that lie near the other. ValueError for different shapes."""
    _same_shape(truth, predicted)
    true_contour, predicted_contour = contour(truth), contour(predicted)
    num_true, num_predicted = int(true_contour.sum()), int(predicted_contour.sum())
    if num_true == 0 or num_predicted == 0:
        return float(num_true == num_predicted)
    radius = math.ceil(TOLERANCE * math.hypot(*truth.shape))
    # Only pixels of the contours are looked up, so nothing outside their common box matters.
    box = _box(true_contour | predicted_contour)
    true_contour, predicted_contour = true_contour[box], predicted_contour[box]
    precision = int((predicted_contour & grow(true_contour, radius)).sum()) / num_predicted
    recall = int((true_contour & grow(predicted_contour, radius)).sum()) / num_true
    return 0.0 if precision + recall == 0 else 2 * precision * recall / (precision + recall)


def contour(mask: Mask) -> Mask:
    """(H, W) bool: pixels that differ from their right, lower or lower-right neighbour; none in a full mask."""
    edge = np.zeros_like(mask)
    right, below = mask[:, :-1] ^ mask[:, 1:], mask[:-1] ^ mask[1:]
    edge[:, :-1] |= right
    edge[:-1] |= below
    edge[:-1, :-1] |= mask[:-1, :-1] ^ mask[1:, 1:]
    return edge


def grow(mask: Mask, radius: int) -> Mask:
    """Dilate by a disk: every pixel within `radius` pixels of the mask."""
    height = mask.shape[0]
    source = torch.as_tensor(mask)[None].float()
    grown = torch.zeros_like(source)
    for offset in range(-radius, radius + 1):
        if abs(offset) >= height:
            continue
        half = math.isqrt(radius**2 - offset**2)
        row = functional.max_pool1d(source, 2 * half + 1, stride=1, padding=half)
        upper, lower = max(0, offset), height + min(0, offset)
        grown[:, upper:lower] = torch.maximum(grown[:, upper:lower], row[:, upper - offset : lower - offset])
    return grown[0].bool().numpy()


def _box(mask: Mask) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _same_shape(truth: Mask, predicted: Mask) -> None:
    if truth.shape != predicted.shape:
        raise ValueError(f"the truth is {truth.shape}, the prediction {predicted.shape}")
