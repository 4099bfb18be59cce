"""Remove overlaps between one person's spans, so that each moment counts once. Pure functions."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from backend.timing.events import Doing, Span


def exclusive(spans: Iterable[Span]) -> Iterator[Span]:
    """Cut spans so that no two overlap. The earlier one wins, but idle time never hides work in another tab."""
    spans = list(spans)
    busy = list(_without_overlap(span for span in spans if span.doing is not Doing.idle))
    yield from busy
    starts = [span.start for span in busy]
    idle = (span for span in spans if span.doing is Doing.idle)
    yield from _without_overlap(rest for span in idle for rest in _outside(span, busy, starts))


def _without_overlap(spans: Iterable[Span]) -> Iterator[Span]:
    covered = float("-inf")
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        start = max(span.start, covered)
        if span.end > start:
            yield span if start == span.start else span._replace(start=start)
            covered = span.end


def _outside(span: Span, taken: list[Span], starts: list[float]) -> Iterator[Span]:
    """The parts of a span outside `taken`, which is sorted and free of overlaps."""
    start = span.start
    index = max(bisect_right(starts, start) - 1, 0)
    while index < len(taken) and taken[index].start < span.end:
        if taken[index].start > start:
            yield span._replace(start=start, end=taken[index].start)
        start = max(start, taken[index].end)
        index += 1
    if start < span.end:
        yield span._replace(start=start)
