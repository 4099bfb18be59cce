"""Figures of a bench, and the table they make."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Figure:
    """One row. `goal` is what we want to hold, `bound` what keeps it from being better."""

    name: str
    value: float
    unit: str
    goal: str = ""
    bound: str = ""


def table(figures: Sequence[Figure]) -> str:
    """Markdown."""
    rows = ["| | measured | goal | bound |", "|---|---|---|---|"]
    for figure in figures:
        value = f"{figure.value:.0f}" if figure.value >= 100 else f"{figure.value:.3g}"
        rows.append(f"| {figure.name} | {value} {figure.unit} | {figure.goal} | {figure.bound} |")
    return "\n".join(rows)


def median_seconds(run: Callable[[Subject], object], subjects: Iterable[Subject]) -> float:
    """Of one call for each subject."""
    times = []
    for subject in subjects:
        start = time.perf_counter()
        run(subject)
        times.append(time.perf_counter() - start)
    return median(times)
