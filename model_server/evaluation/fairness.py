"""Fairness across groups of people or things (SAM 2, section 6.5): J&F per group, with bootstrap intervals.

Groups come from any attribute of the objects. The bootstrap resamples videos rather than objects, because objects of
one video succeed and fail together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COVERAGE = 0.95
NUM_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class ScoredObject:
    """One object's J&F in 0..1 under one way of prompting, with the object's attributes."""

    video: str
    object_id: str
    j_and_f: float
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % bootstrap interval. The bounds are NaN if there is only one video."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Group:
    """The objects that share one value of the attribute."""

    value: str
    num_objects: int
    num_videos: int
    j_and_f: Interval


@dataclass(frozen=True, slots=True)
class GroupComparison:
    """The groups of one attribute, and the gap between the best- and the worst-served one."""

    attribute: str
    groups: tuple[Group, ...]
    gap: Interval
    """The mean of the best group minus that of the worst, both chosen on the original data; the interval compares the
    same two groups in every resample."""


def compare(objects: Iterable[ScoredObject], attribute: str, seed: int = 0) -> GroupComparison:
    """Compare the groups of one attribute, leaving out objects that lack it. ValueError for fewer than two groups."""
    by_value: dict[str, list[ScoredObject]] = defaultdict(list)
    for scored in objects:
        if value := scored.attributes.get(attribute, ""):
            by_value[value].append(scored)
    if len(by_value) < 2:
        raise ValueError(f"{attribute!r} has {len(by_value)} groups with scores; a comparison takes two or more")
    draws = _draws(sorted({scored.video for group in by_value.values() for scored in group}), seed)
    means = {value: _resampled_means(group, draws) for value, group in sorted(by_value.items())}
    groups = tuple(
        Group(value, len(group), len({scored.video for scored in group}), _interval(_mean(group), means[value]))
        for value, group in sorted(by_value.items())
    )
    best = max(groups, key=lambda group: group.j_and_f.mean)
    worst = min(groups, key=lambda group: group.j_and_f.mean)
    gap = best.j_and_f.mean - worst.j_and_f.mean
    return GroupComparison(attribute, groups, _interval(gap, means[best.value] - means[worst.value]))


def _draws(videos: Sequence[str], seed: int) -> dict[str, NDArray[np.int64]]:
    """By video: how often it was drawn in each resample, (NUM_RESAMPLES,)."""
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(len(videos), np.full(len(videos), 1 / len(videos)), size=NUM_RESAMPLES)
    return {video: counts[:, column] for column, video in enumerate(videos)}


def _resampled_means(group: Sequence[ScoredObject], draws: Mapping[str, NDArray[np.int64]]) -> NDArray[np.float64]:
    """The group's mean in each resample, (NUM_RESAMPLES,); NaN where none of its videos was drawn."""
    total = np.zeros(NUM_RESAMPLES)
    weight = np.zeros(NUM_RESAMPLES)
    for scored in group:
        total += draws[scored.video] * scored.j_and_f
        weight += draws[scored.video]
    with np.errstate(invalid="ignore"):
        return total / weight


def _interval(mean: float, resampled: NDArray[np.float64]) -> Interval:
    known = resampled[np.isfinite(resampled)]
    if known.size < 2 or float(known.min()) == float(known.max()):
        return Interval(mean, float("nan"), float("nan"))
    low, high = np.quantile(known, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    return Interval(mean, float(low), float(high))


def _mean(group: Sequence[ScoredObject]) -> float:
    return float(np.mean([scored.j_and_f for scored in group]))
