"""Honest time: activity events in, seconds by (masklet, frame, phase) out. Pure.

Only events are believed, never durations. Within one browser session time is the difference of its monotonic clock,
which may not get ahead of the time that passed between the server's receipts. Of
sessions of one person that overlap, only one counts at any moment.

- Active: the page is focused, and the last input is at most the idle limit ago.
- Waiting: focused, a model reply is outstanding, and nothing else was done since it was asked for.
- Reviewing: active, but playing or stepping since the last edit.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby, pairwise
from uuid import UUID

from backend.tables.states import ActivityKind, Phase

IDLE_SECONDS = 30.0
_LONGEST_WAIT_SECONDS = 300.0  # a reply that never came must not count for ever
_RECEIPT_SLACK_SECONDS = 10.0  # what a batch may have waited in the browser before it was sent
_OLDEST_FIRST_BATCH_SECONDS = 24 * 3600.0

_INPUTS = {ActivityKind.input, ActivityKind.edit, ActivityKind.play, ActivityKind.step, ActivityKind.wait_begin}
_ARRIVALS = {ActivityKind.open, ActivityKind.focus}
_REVIEWING = {ActivityKind.play, ActivityKind.step}
_EDITING = {ActivityKind.edit, ActivityKind.wait_begin}


class Doing(StrEnum):
    """What a second was spent on."""

    active = "active"
    waiting = "waiting"
    reviewing = "reviewing"


@dataclass(frozen=True, slots=True)
class Event:
    """An activity event as stored. `seconds` is the browser's monotonic clock, `received` the server's."""

    order: int
    user_id: UUID
    session_id: UUID
    masklet_id: UUID | None
    frame_index: int | None
    phase: Phase
    kind: ActivityKind
    seconds: float
    client_time: datetime
    received: datetime
    had_input: bool = False  # a heartbeat's: there was input since the one before


@dataclass(frozen=True, slots=True)
class Key:
    """What time is attributed to; no masklet means that none was selected."""

    masklet_id: UUID | None
    frame_index: int | None
    phase: Phase


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds of one kind, on the server's clock."""

    start: float
    end: float
    doing: Doing
    key: Key


Seconds = dict[tuple[Key, Doing], float]


def seconds_spent(events: Iterable[Event], *, idle_seconds: float = IDLE_SECONDS) -> Seconds:
    """Seconds by what they were spent on; zero entries are left out. The order of the events does not matter."""
    spent: defaultdict[tuple[Key, Doing], float] = defaultdict(float)
    by_user: defaultdict[UUID, defaultdict[UUID, list[Event]]] = defaultdict(lambda: defaultdict(list))
    for event in events:
        by_user[event.user_id][event.session_id].append(event)
    for sessions in by_user.values():
        spans = [span for session in sessions.values() for span in _spans(capped(session), idle_seconds)]
        for span in _without_overlap(spans):
            spent[span.key, span.doing] += span.end - span.start
    return dict(spent)


def capped(session: Sequence[Event]) -> list[Event]:
    """One session's events in order, on a clock that is never ahead of what the server saw pass.

    The first batch may be as old as it says (it may have been kept while offline); from then on receipts count.
    """
    ordered = sorted(session, key=lambda event: (event.received, event.seconds, event.order))
    moved: list[Event] = []
    now, last = 0.0, ordered[0].seconds if ordered else 0.0
    for received, group in groupby(ordered, key=lambda event: event.received):
        batch = list(group)
        limit = _age(ordered[0]) + (received - ordered[0].received).total_seconds() + _RECEIPT_SLACK_SECONDS
        claimed = batch[-1].seconds - last
        pace = min(1.0, max(limit - now, 0.0) / claimed) if claimed > 0 else 1.0
        # An event that came late (its request was repeated) takes no time of its own.
        moved += [replace(event, seconds=now + pace * max(event.seconds - last, 0.0)) for event in batch]
        now, last = moved[-1].seconds, max(last, batch[-1].seconds)
    return moved


def _age(event: Event) -> float:
    """How many seconds before its receipt an event happened, as its browser says."""
    age = (event.received - event.client_time).total_seconds()
    return min(max(age, 0.0), _OLDEST_FIRST_BATCH_SECONDS)


@dataclass(slots=True)
class _State:
    present: bool = False
    reviewing: bool = False
    last_input: float = float("-inf")
    waiting_since: float | None = None

    def take(self, event: Event) -> None:
        kind = event.kind
        if kind in (ActivityKind.close, ActivityKind.blur):
            self.present = False
            self.waiting_since = None if kind is ActivityKind.close else self.waiting_since
            return
        if kind is ActivityKind.wait_end:
            self.waiting_since = None
            self.last_input = event.seconds if self.present else self.last_input  # they were blocked, now they are not
            return
        is_input = kind in _INPUTS or event.had_input
        self.present = self.present or is_input or kind in _ARRIVALS
        if is_input or kind in _ARRIVALS:
            self.last_input = event.seconds
        if kind is ActivityKind.wait_begin:
            self.waiting_since = event.seconds
        if kind in _REVIEWING or kind in _EDITING:
            self.reviewing = kind in _REVIEWING


def _spans(events: Sequence[Event], idle_seconds: float) -> list[Span]:
    """What one session's person did, on the server's clock."""
    if not events:
        return []
    offset = min(event.received.timestamp() - event.seconds for event in events)
    state = _State()
    spans: list[Span] = []
    for event, following in pairwise(events):
        state.take(event)
        doing, end = _doing(state, event.seconds, idle_seconds)
        end = min(end, following.seconds)
        if state.present and end > event.seconds:
            key = Key(event.masklet_id, event.frame_index, event.phase)
            spans.append(Span(event.seconds + offset, end + offset, doing, key))
    return spans


def _doing(state: _State, now: float, idle_seconds: float) -> tuple[Doing, float]:
    """What goes on from now, and until when it may at most."""
    since = state.waiting_since
    if since is not None and state.last_input <= since and now < since + _LONGEST_WAIT_SECONDS:
        return Doing.waiting, since + _LONGEST_WAIT_SECONDS
    return (Doing.reviewing if state.reviewing else Doing.active), state.last_input + idle_seconds


def _without_overlap(spans: Iterable[Span]) -> Iterable[Span]:
    """Of spans at the same moment, the one that began first counts."""
    covered = float("-inf")
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        start = max(span.start, covered)
        if span.end > start:
            yield replace(span, start=start)
            covered = span.end
