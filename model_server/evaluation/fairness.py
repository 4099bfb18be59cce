"""How evenly a model serves groups of people or things (SAM 2 section 6.5): J&F per group, with intervals.

Groups come from any attribute of the objects: a column of a table. Videos, not objects, are drawn anew for the
intervals, since objects of one video succeed and fail together.
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
    """One object's J&F under one way of prompting, and what is known of the object."""

    video: str
    object_id: str
    j_and_f: float
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and where it lies with 95 % of the resampled data sets. NaN bounds where there is one video only."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Group:
    """One value of the attribute."""

    value: str
    num_objects: int
    num_videos: int
    j_and_f: Interval


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every group of one attribute, and the distance between the best and the worst served one."""

    attribute: str
    groups: tuple[Group, ...]
    gap: Interval
    """The mean of the best group minus that of the worst, both named by the data as they are; the interval follows
    these two through the resampling."""


def compare(objects: Iterable[ScoredObject], attribute: str, seed: int = 0) -> Comparison:
    """Group by one attribute; objects without it are left out. ValueError when fewer than two groups are left."""
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
    return Comparison(attribute, groups, _interval(gap, means[best.value] - means[worst.value]))


def _draws(videos: Sequence[str], seed: int) -> dict[str, NDArray[np.int64]]:
    """How often each video was drawn in each resample, (NUM_RESAMPLES,)."""
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(len(videos), np.full(len(videos), 1 / len(videos)), size=NUM_RESAMPLES)
    return {video: counts[:, column] for column, video in enumerate(videos)}


def _resampled_means(group: Sequence[ScoredObject], draws: Mapping[str, NDArray[np.int64]]) -> NDArray[np.float64]:
    """The group's mean in each resample, NaN where none of its videos was drawn."""
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
