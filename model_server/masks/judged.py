"""How good masks are, and how good their model thought they were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Judged(NamedTuple):
    """The IoU of a mask, 0..1, and what the model thought it would be."""

    true: float
    predicted: float


def rank_correlation(judged: Sequence[Judged]) -> float:
    """Spearman's, of predicted and true IoU; equal values share their mean rank. nan if either never varies."""
    if len(judged) < 2:
        return float("nan")
    true, predicted = (_ranks(values) for values in zip(*judged, strict=True))
    with np.errstate(invalid="ignore"):
        return float(np.corrcoef(true, predicted)[0, 1])


def _ranks(values: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return (last - (count - 1) / 2)[place]
