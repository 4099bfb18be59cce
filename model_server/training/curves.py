"""Plots the curves of a run as SVG, from its CSV files, at every report."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path

from model_server.line_chart import Chart, Line, svg

FILE_NAME = "curves.svg"
_LOSSES = ("loss", "mask", "iou", "score", "affinity", "matching", "token", "pooled", "propagation")
_PROMPTED = ("prompted_iou", "best_of_three_iou", "carried_iou", "tracked_iou", "matched_iou", "presence")


def draw_curves(folder: Path) -> Path:
    """Plot losses, quality on the training batches and on held-out clips; returns the path of `curves.svg`."""
    losses, validation = _rows(folder / "losses.csv"), _rows(folder / "validation.csv")
    held_out = [name for name in (validation[0] if validation else {}) if name != "step"]
    charts = [
        Chart("Loss", "step", _lines(losses, _LOSSES), low=0.0),
        Chart("Gradient norm, before clipping", "step", _lines(losses, ("gradient",)), low=0.0),
        Chart("On the batches trained on", "step", _lines(losses, _PROMPTED), low=0.0, high=1.0),
        Chart("On what was held out", "step", _lines(validation, held_out), low=0.0, high=1.0),
    ]
    path, partial = folder / FILE_NAME, folder / f"{FILE_NAME}.partial"
    partial.write_text(svg(charts))
    os.replace(partial, path)
    return path


def _rows(path: Path) -> list[dict[str, float]]:
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def _lines(rows: Sequence[dict[str, float]], names: Sequence[str]) -> list[Line]:
    """One line per column; columns that were never measured have none."""
    lines = [Line(name.replace("_", " "), [(row["step"], row[name]) for row in rows if name in row]) for name in names]
    return [line for line in lines if any(y == y for _, y in line.points)]
