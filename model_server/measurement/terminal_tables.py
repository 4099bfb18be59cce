"""Measurements as tables on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from model_server.evaluation.fairness import GroupComparison, Interval
from model_server.evaluation.interaction import seconds_until_enough
from model_server.evaluation.j_and_f import mean_scores
from model_server.measurement.interaction_report import AnnotationCourse, mean_by_phase
from model_server.measurement.report_pages import seconds_or_never
from model_server.measurement.vos_report import BASELINES, SkippedObject, VosScore, methods, percent, seconds_per_frame


def scores_json(j: float, f: float) -> dict[str, float]:
    """J, F and J&F in percent, with four decimals as in the official evaluation."""
    return {"J": percent(j), "F": percent(f), "JF": percent((j + f) / 2)}


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str | float]]) -> None:
    """Print a table: the first column holds names, the others 0..1 shown in percent; the last row is the mean."""
    table = _table(headings)
    for row in rows:
        if row is rows[-1]:
            table.add_section()
        table.add_row(*(cell if isinstance(cell, str) else f"{100 * cell:.1f}" for cell in row))
    Console(highlight=False).print(table)


def print_vos(rows: Sequence[VosScore], skipped: Sequence[SkippedObject]) -> None:
    """Print the J&F of every object under every method."""
    names = methods(rows)
    scores = {(row.clip, row.object_id, row.method): row.score.j_and_f for row in rows}
    objects = list(dict.fromkeys((row.clip, row.object_id) for row in rows))
    lines = [(f"{clip}/{name}", *(scores[clip, name, method] for method in names)) for clip, name in objects]
    means = [mean_scores(row.score for row in rows if row.method == method)[2] for method in names]
    print_table(("J&F", *names), [*lines, ("mean", *means)])
    console = Console(highlight=False)
    if (speed := seconds_per_frame(rows)) is not None:
        console.print(f"[dim]{names[0]}: {speed:.3f} s a tracked frame and object")
    for name in names[1:]:
        console.print(f"[dim]{name}: {BASELINES[name]}")
    for each in skipped:
        console.print(f"[dim]{each.clip}/{each.object_id} left out: {each.reason}")


def print_interactive(courses: Sequence[AnnotationCourse], max_corrected: int) -> None:
    """Print the J&F after each corrected frame, by phase, and how long each object takes to reach 80."""
    table = _table(
        ("J&F AFTER FRAMES", *(str(count) for count in range(1, max_corrected + 1)), "MEAN", "CLICKS", "TIME")
    )
    means = mean_by_phase(courses, max_corrected)
    for phase, mean in means.items():
        cells = [f"{value:.1f}" for value in (*mean.curve, mean.average)]
        table.add_row(phase, *cells, f"{mean.clicks:.1f}", f"{mean.seconds:.0f} s")
    reaching = _table(("SECONDS TO J&F 80", *means))
    objects = list(dict.fromkeys((course.clip, course.object_id) for course in courses))
    efforts = {(course.clip, course.object_id, course.phase): course.efforts for course in courses}
    for clip, object_id in objects:
        cells = [seconds_or_never(seconds_until_enough(efforts[clip, object_id, phase])) for phase in means]
        reaching.add_row(f"{clip}/{object_id}", *cells)
    reaching.add_section()
    reaching.add_row("median", *(seconds_or_never(mean.seconds_to_80) for mean in means.values()))
    reaching.add_row("reached by", *(f"{mean.reached_80} of {len(objects)}" for mean in means.values()))
    console = Console(highlight=False)
    console.print(table)
    console.print()
    console.print(reaching)


def print_fairness(comparisons: Mapping[str, Sequence[GroupComparison]]) -> None:
    """Print the J&F by group and way of prompting, with 95 % bootstrap intervals."""
    table = _table(("GROUP", "OBJECTS", *comparisons))
    first = next(iter(comparisons.values()))
    for index, comparison in enumerate(first):
        table.add_section()
        for row, group in enumerate(comparison.groups):
            cells = [_interval(listed[index].groups[row].j_and_f) for listed in comparisons.values()]
            table.add_row(f"{comparison.attribute}: {group.value}", str(group.num_objects), *cells)
        table.add_row("  gap", "", *(_interval(listed[index].gap) for listed in comparisons.values()))
    Console(highlight=False).print(table)


def _interval(interval: Interval) -> str:
    return f"{100 * interval.mean:.1f} ({100 * interval.low:.1f} to {100 * interval.high:.1f})"


def _table(headings: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False)
    for index, heading in enumerate(headings):
        table.add_column(heading, justify="right" if index else "left", no_wrap=True)
    return table
