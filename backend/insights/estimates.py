"""Estimates with bootstrap intervals over masklets. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
_SEED = 20240729  # fixed, so that the same data always give the same interval
_LARGEST_DRAW = 2_000_000  # resampled indices in memory at once


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval, which needs at least two masklets. `count` is the number of masklets."""

    value: float | None
    low: float | None
    high: float | None
    count: int


def mean(values: Sequence[float]) -> Estimate:
    """The mean over masklets, with equal weights."""
    return ratio(values, [1.0] * len(values))


def ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Estimate:
    """The ratio of the two sums. Numerators and denominators are resampled in pairs."""
    above, below = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    count = len(above)
    if count == 0 or below.sum() == 0:
        return Estimate(None, None, None, count)
    value = float(above.sum() / below.sum())
    if count < 2:
        return Estimate(value, None, None, count)
    drawn = _resampled(above, below)
    low, high = np.percentile(drawn, [2.5, 97.5]) if len(drawn) else (value, value)
    return Estimate(value, float(low), float(high), count)


def _resampled(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """The ratios of all resamples whose denominators do not sum to zero."""
    rng = np.random.default_rng(_SEED)
    rows = max(1, min(RESAMPLES, _LARGEST_DRAW // len(above)))
    found: list[np.ndarray] = []
    for first in range(0, RESAMPLES, rows):
        index = rng.integers(0, len(above), (min(rows, RESAMPLES - first), len(above)))
        totals = below[index].sum(axis=1)
        defined = totals > 0
        found.append(above[index].sum(axis=1)[defined] / totals[defined])
    return np.concatenate(found)
