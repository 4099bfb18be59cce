"""The report of a study: the phase table beside the paper's, and simulated seconds beside those from the log."""

from collections.abc import Iterator
from typing import Any

from backend.simulation.study import SimulatedSitting, Studied
from backend.tables.states import Phase

MOST_PERCENT = 1.0
"""The largest difference allowed between the seconds from the log and the simulated ones."""
_PARTS = ("active_seconds", "waiting_seconds", "reviewing_seconds", "shared_seconds")


def as_json(studied: Studied) -> dict[str, Any]:
    """By phase: the figures of the phase table, with shares between 0 and 1, and the comparison of seconds."""
    return {"phases": [_phase(phase, studied) for phase in Phase], "agrees": agrees(studied)}


def agrees(studied: Studied) -> bool:
    """Whether the log reproduces every phase's simulated seconds, and seconds per frame, to `MOST_PERCENT`."""
    return all(
        abs(row["difference_percent"]) <= MOST_PERCENT and abs(row["per_frame_difference_percent"]) <= MOST_PERCENT
        for row in (_phase(phase, studied) for phase in Phase)
    )


def table(studied: Studied) -> Iterator[str]:
    """The report's lines for a terminal, with the paper's figures in parentheses."""
    yield _line("PHASE", "S/FRAME", "WAITING", "EDITED %", "CLICKS", "ALIGNED %")
    for phase in Phase:
        row, paper = _phase(phase, studied), studied.rows[phase]["paper"]
        yield _line(
            phase,
            _beside(row["seconds_per_frame"], paper["seconds_per_frame"]),
            _beside(row["waiting_seconds_per_frame"], None),
            _beside(_percent(row["edited_frames"]), _percent(paper["edited_frames"])),
            _beside(row["clicks_per_clicked_frame"], paper["clicks_per_clicked_frame"], digits=2),
            _beside(_percent(row["alignment"]), _percent(paper["alignment"])),
        )
    yield ""
    yield _line("PHASE", "MASKLETS", "FRAMES", "SIMULATED S", "FROM LOG S", "DIFFERENCE")
    for phase in Phase:
        row = _phase(phase, studied)
        yield _line(
            phase,
            str(row["num_masklets"]),
            str(row["num_frames"]),
            f"{row['simulated_seconds']:.1f}",
            f"{row['derived_seconds']:.1f}",
            f"{row['difference_percent']:+.3f} %",
        )


def _phase(phase: Phase, studied: Studied) -> dict[str, Any]:
    row = studied.rows[phase]
    sittings = [sitting for sitting in studied.sittings if sitting.phase is phase]
    frames = sum(sitting.num_frames for sitting in sittings)
    simulated = sum(sitting.seconds for sitting in sittings)
    derived = sum(row[part] for part in _PARTS)
    per_frame = _mean_per_frame(sittings)
    return {
        "phase": phase.value,
        "seconds_per_frame": row["seconds_per_frame"]["value"],
        "edited_frames": row["edited_frames"]["value"],
        "clicks_per_clicked_frame": row["clicks_per_clicked_frame"]["value"],
        "alignment": row["alignment"]["value"],
        "waiting_seconds_per_frame": row["waiting_seconds"] / frames,
        "num_masklets": row["num_masklets"],
        "num_frames": frames,
        "simulated_seconds": round(simulated, 3),
        "derived_seconds": round(derived, 3),
        "difference_percent": _difference(derived, simulated),
        "simulated_seconds_per_frame": per_frame,
        "per_frame_difference_percent": _difference(row["seconds_per_frame"]["value"] or 0.0, per_frame),
    }


def _mean_per_frame(sittings: list[SimulatedSitting]) -> float:
    """Seconds per frame as in the phase table: the mean over masklets."""
    return sum(sitting.seconds / sitting.num_frames for sitting in sittings) / len(sittings)


def _difference(derived: float, simulated: float) -> float:
    return 100 * (derived - simulated) / simulated


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _beside(ours: float | None, paper: float | None, *, digits: int = 1) -> str:
    shown = "-" if ours is None else f"{ours:.{digits}f}"
    return shown if paper is None else f"{shown} ({paper:.{digits}f})"


def _line(*cells: str) -> str:
    first, *others = cells
    return f"{first:<20}" + "".join(f"{cell:>16}" for cell in others).rstrip()
