"""The time lost to waiting for the model, by phase."""

from collections.abc import Iterable, Sequence

import numpy as np

from backend.insights.facts import Evidence
from backend.insights.figures.figure import Figure
from backend.insights.schemas import WaitingRow
from backend.tables.states import Phase
from backend.timing.events import Doing, Span

_SAME_WAIT_SECONDS = 0.5  # pieces of one wait, which every heartbeat cuts, are closer than this


def waiting_rows(evidence: Evidence) -> Sequence[WaitingRow]:
    """One row for each of the three phases, including those without work."""
    spans = [span for span in evidence.spans() if not span.key.verifying and span.doing is not Doing.idle]
    return [_row(phase, [span for span in spans if span.key.phase is phase]) for phase in Phase]


def _row(phase: Phase, spans: Sequence[Span]) -> WaitingRow:
    waits = waits_of(span for span in spans if span.doing is Doing.waiting)
    annotation = sum(span.end - span.start for span in spans)
    return WaitingRow(
        phase=phase,
        waiting_seconds=round(sum(waits), 3),
        annotation_seconds=round(annotation, 3),
        share=sum(waits) / annotation if annotation else None,
        num_waits=len(waits),
        median_seconds=float(np.median(waits)) if waits else None,
        p95_seconds=float(np.percentile(waits, 95)) if waits else None,
        longest_seconds=max(waits, default=None),
    )


def waits_of(spans: Iterable[Span]) -> list[float]:
    """The length of each wait in seconds. Spans of a person without a pause between them are one wait."""
    lengths: list[float] = []
    ends: dict[object, float] = {}
    for span in sorted(spans, key=lambda span: (span.user_id, span.start)):
        if span.start - ends.get(span.user_id, float("-inf")) <= _SAME_WAIT_SECONDS:
            lengths[-1] += span.end - span.start
        else:
            lengths.append(span.end - span.start)
        ends[span.user_id] = span.end
    return lengths


WAITING_TIME = Figure("waiting_time", "Waiting for the model by phase", WaitingRow, waiting_rows)
