"""Progress of a run: CSV files of losses and validation, means per interval, and the time left."""

from __future__ import annotations

import csv
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


class CsvLog:
    """A CSV file with one row per step; rows of steps that a resumed run will repeat are dropped first."""

    def __init__(self, path: Path, *, first_step: int) -> None:
        self._path = path
        self._rows: list[dict[str, str]] = []
        if path.exists():
            with path.open(newline="") as file:
                self._rows = [row for row in csv.DictReader(file) if int(row["step"]) <= first_step]
            self._rewrite()

    def append(self, row: Mapping[str, float]) -> None:
        """Append a row; its keys are the columns, including `step`. A file with other columns is rewritten to match."""
        text = {name: f"{value:.5g}" if isinstance(value, float) else str(value) for name, value in row.items()}
        new = not self._path.exists()
        if not new:
            self._align(list(text))
        with self._path.open("a", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(text))
            if new:
                writer.writeheader()
            writer.writerow(text)

    def _align(self, columns: list[str]) -> None:
        """Rewrite the file if its columns differ, as after an update of the code between two parts of a run."""
        with self._path.open(newline="") as file:
            reader = csv.DictReader(file)
            if list(reader.fieldnames or []) == columns:
                return
            rows = list(reader)
        with self._path.open("w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=columns, restval="nan", extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)

    def _rewrite(self) -> None:
        if not self._rows:
            self._path.unlink()
            return
        with self._path.open("w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(self._rows[0]))
            writer.writeheader()
            writer.writerows(self._rows)


class Averages:
    """Means since the last report; NaN values are ignored."""

    def __init__(self) -> None:
        self._sums: dict[str, tuple[float, int]] = {}

    def add(self, values: Mapping[str, float]) -> None:
        """Add the values of one step."""
        for name, value in values.items():
            if value == value:
                total, count = self._sums.get(name, (0.0, 0))
                self._sums[name] = (total + value, count + 1)

    def take(self) -> dict[str, float]:
        """The means by name; starts over."""
        means = {name: total / count for name, (total, count) in self._sums.items()}
        self._sums.clear()
        return means

    def take_sums(self, names: Sequence[str]) -> tuple[list[float], list[int]]:
        """Sums and counts of the named values, 0 if there were none; starts over."""
        pairs = [self._sums.get(name, (0.0, 0)) for name in names]
        self._sums.clear()
        return [total for total, _ in pairs], [count for _, count in pairs]


class Clock:
    """Pace and time left, measured since the start of this process."""

    def __init__(self, *, first_step: int, num_steps: int) -> None:
        self._first, self._num_steps = first_step, num_steps
        self._started = time.monotonic()

    def report(self, step: int) -> tuple[float, float]:
        """(seconds per step, seconds left) after `step` steps."""
        pace = (time.monotonic() - self._started) / max(1, step - self._first)
        return pace, pace * (self._num_steps - step)
