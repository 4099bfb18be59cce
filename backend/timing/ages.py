"""The age of activity events when they were sent. Pure functions."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from backend.timing.events import OLDEST_SECONDS

_SLEPT_SECONDS = 2.0  # a smaller difference between the clocks is drift

Id = TypeVar("Id")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A moment on both clocks of a browser session."""

    session_id: UUID
    monotonic_ms: float
    time: datetime


@dataclass(frozen=True, slots=True)
class Age:
    """An event's age in seconds: while its session's clock ran, and while the computer slept."""

    awake: float
    asleep: float


def ages_of(batch: Iterable[tuple[Id, Stamp]], sent: Stamp | None) -> dict[Id, Age]:
    """The age of each event when its batch was sent.

    It is measured on the session's monotonic clock, back from the moment of sending or, without one, from the session's
    latest event. Where the wall clock advanced more, the computer slept. (A wall clock that was set ahead looks the
    same and makes the event seem older, which matters only if no earlier batch has placed the session.) Events of
    another session than the sender's were left behind by a tab that died; only the wall clock tells how long ago.
    """
    by_session: defaultdict[UUID, list[tuple[Id, Stamp]]] = defaultdict(list)
    for event, stamp in batch:
        by_session[stamp.session_id].append((event, stamp))
    ages: dict[Id, Age] = {}
    for session_id, events in by_session.items():
        events.sort(key=lambda found: found[1].monotonic_ms, reverse=True)
        later, awake, asleep = events[0][1], 0.0, 0.0
        if sent is not None and session_id == sent.session_id:
            later = sent
        elif sent is not None:
            awake = max((sent.time - later.time).total_seconds(), 0.0)
        for event, stamp in events:
            passed = max((later.monotonic_ms - stamp.monotonic_ms) / 1000, 0.0)
            missing = (later.time - stamp.time).total_seconds() - passed
            awake, later = awake + passed, stamp
            asleep += missing if missing > _SLEPT_SECONDS else 0.0
            ages[event] = Age(min(awake, OLDEST_SECONDS), min(asleep, OLDEST_SECONDS))
    return ages
