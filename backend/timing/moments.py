"""Work out when events happened, on the server's clock. Pure functions.

A browser's wall clock jumps, its monotonic clock may stand still while the computer sleeps, and batches arrive late and
out of order. Three things hold nevertheless. An event happened before it was received, and before all later events of
its session. Between two events of a session, at least the difference on its monotonic clock passed. And a batch tells
how old each event was when it was sent, by the clock that stamped it; a request takes half a minute at most. So a clock
that runs fast or jumps gains nothing, and nobody gets more time than passed on the server.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

from backend.timing.events import HEARTBEAT_SECONDS, OLDEST_SECONDS, Event

LATE_SECONDS = 1.0  # a timer of a busy page may fire this much late
VOUCHED_SECONDS = HEARTBEAT_SECONDS + LATE_SECONDS
_SLOWEST_REQUEST = timedelta(seconds=30)  # after that the browser gives up and sends again, with new ages


class Placed(NamedTuple):
    """An event and its moment, in seconds since the epoch on the server's clock."""

    event: Event
    at: float


def placed(session: Iterable[Event]) -> list[Placed]:
    """One session's events in the order of its clock, without duplicates."""
    ordered = _once(session)
    if not ordered:
        return []
    received, offset = _latest(ordered)
    now = min(_begin(ordered), received[0])
    found = [Placed(ordered[0], now)]
    for before, event, latest, behind in zip(ordered, ordered[1:], received[1:], offset[1:], strict=False):
        # If the claimed moment is later than the session's clock allows, that clock stood still.
        least = min(_claimed(event), event.seconds + behind)
        now = min(max(now + event.seconds - before.seconds, least), latest)
        found.append(Placed(event, now))
    return found


def _once(session: Iterable[Event]) -> list[Event]:
    """The events in the order of the session's clock, each as it was first received."""
    first: dict[object, Event] = {}
    for event in session:
        known = first.get(event.event_id)
        if known is None or event.received < known.received:
            first[event.event_id] = event
    return sorted(first.values(), key=lambda event: (event.seconds, event.order, event.event_id))


def _begin(ordered: Sequence[Event]) -> float:
    """When the first event happened: its claimed moment, less the extra time its request took over the next ones."""
    first = ordered[0]
    soon = first.received + _SLOWEST_REQUEST
    offset = min(_offset(event) for event in ordered if event.received <= soon)
    return max(min(_claimed(first), first.seconds + offset), _claimed(first) - _SLOWEST_REQUEST.total_seconds())


def _latest(ordered: Sequence[Event]) -> tuple[list[float], list[float]]:
    """For each event: its latest possible moment, and the most that the session's clock can lag behind the server's."""
    received, offset = [0.0] * len(ordered), [0.0] * len(ordered)
    last_received = last_offset = float("inf")
    for index in range(len(ordered) - 1, -1, -1):
        event = ordered[index]
        received[index] = last_received = min(event.received.timestamp(), last_received)
        offset[index] = last_offset = min(_offset(event), last_offset)
    return received, offset


def _offset(event: Event) -> float:
    """How far the session's clock lags behind the server's according to the batch, including its request's duration."""
    return event.received.timestamp() - _within(event.age) - event.seconds


def _claimed(event: Event) -> float:
    return event.received.timestamp() - _within(event.age) - _within(event.slept)


def _within(age: float) -> float:
    return min(max(age, 0.0), OLDEST_SECONDS)
