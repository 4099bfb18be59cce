"""Derive seconds by (video, masklet, frame, phase) from activity events. Pure functions.

Durations reported by a browser are never used; `moments` works out when each event happened. An event vouches for the
time of one heartbeat. A longer silence is a gap, and gaps do not count. If sessions of one person overlap, only one of
them counts at any moment.

Focused time, in which the page is visible, has the focus and holds the browser's clock, splits into:

- Active: the last input is at most the idle limit ago. Getting the focus and getting a reply count as input.
- Reviewing: active, but playing or stepping since the last edit; always so on the review page.
- Waiting: a model reply is outstanding, and there was no input within the idle limit since the request.
- Idle: the rest.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from backend.tables.states import ActivityKind
from backend.timing.events import (
    HEARTBEAT_SECONDS,
    IDLE_SECONDS,
    Derived,
    Doing,
    Event,
    Gap,
    Key,
    Sitting,
    Span,
)
from backend.timing.moments import LATE_SECONDS, VOUCHED_SECONDS, Placed, placed
from backend.timing.overlap import exclusive

LONGEST_WAIT_SECONDS = 300.0  # a reply that never comes must not count for ever

_INPUTS = {ActivityKind.input, ActivityKind.edit, ActivityKind.play, ActivityKind.step}
_REVIEWING = {ActivityKind.play, ActivityKind.step}
_EDITING = {ActivityKind.edit, ActivityKind.wait_begin}

Seconds = dict[tuple[Key, Doing], float]


def derive(events: Iterable[Event], *, idle_seconds: float = IDLE_SECONDS) -> Derived:
    """Derive spans, gaps and sittings from events, which may be in any order and contain duplicates.

    A person's time is correct only if `events` has all of that person's events in that time, those in other videos
    included: no moment may count twice.
    """
    return derive_at(events, [idle_seconds])[idle_seconds]


def derive_at(events: Iterable[Event], idle_limits: Iterable[float]) -> dict[float, Derived]:
    """The same for several idle limits: when the events happened is worked out once."""
    by_user: defaultdict[UUID, defaultdict[UUID, list[Event]]] = defaultdict(lambda: defaultdict(list))
    for event in events:
        by_user[event.user_id][event.session_id].append(event)
    sessions = {
        user_id: [placed(session) for _, session in sorted(of_user.items())]
        for user_id, of_user in sorted(by_user.items())
    }
    limits = list(dict.fromkeys(idle_limits))
    derived = {limit: Derived([], [], []) for limit in limits}
    for user_id, of_user in sessions.items():
        spans: dict[float, list[Span]] = {limit: [] for limit in limits}
        gaps: list[Gap] = []
        sittings: list[Sitting] = []
        for moments in of_user:
            _follow(moments, spans, gaps)
            first, last = moments[0], moments[-1]
            sittings.append(Sitting(first.at, last.at, first.event.video_id, user_id))
        for limit, of_limit in derived.items():
            of_limit.spans.extend(exclusive(spans[limit]))
            of_limit.gaps.extend(gaps)
            of_limit.sittings.extend(sittings)
    return derived


def seconds_spent(events: Iterable[Event], *, idle_seconds: float = IDLE_SECONDS) -> Seconds:
    """Seconds by what they were spent on, without zero entries."""
    return totals(derive(events, idle_seconds=idle_seconds).spans)


def totals(spans: Iterable[Span]) -> Seconds:
    """Seconds by what they were spent on."""
    spent: defaultdict[tuple[Key, Doing], float] = defaultdict(float)
    for span in spans:
        spent[span.key, span.doing] += span.end - span.start
    return dict(spent)


def open_seconds(sittings: Iterable[Sitting]) -> float:
    """The time in which something was open; two tabs at once count once."""
    total, covered = 0.0, float("-inf")
    for sitting in sorted(sittings, key=lambda sitting: sitting.start):
        total += max(sitting.end - max(sitting.start, covered), 0.0)
        covered = max(covered, sitting.end)
    return total


@dataclass(slots=True)
class _State:
    present: bool = False
    reviewing: bool = False
    last_input: float = float("-inf")
    waiting_since: float | None = None

    def take(self, event: Event, at: float, input_at: float | None) -> None:
        """Apply an event. `input_at` is the moment of the last input, if the event is a heartbeat that reports one."""
        kind = event.kind
        if kind in _REVIEWING or kind in _EDITING:
            self.reviewing = kind in _REVIEWING
        if kind in (ActivityKind.blur, ActivityKind.close):
            self.present = False
            self.waiting_since = None if kind is ActivityKind.close else self.waiting_since
        elif kind is ActivityKind.wait_begin:
            self.waiting_since = at
        elif kind is ActivityKind.wait_end:
            self.waiting_since = None
            self.last_input = at if self.present else self.last_input  # they are no longer blocked
        elif kind is ActivityKind.heartbeat:
            self.present = True  # only a focused page sends heartbeats
            if input_at is not None:
                self.last_input = max(self.last_input, input_at)
        elif kind is ActivityKind.focus or kind in _INPUTS:
            self.present = True
            self.last_input = at


def _follow(moments: Sequence[Placed], spans: Mapping[float, list[Span]], gaps: list[Gap]) -> None:
    """Add one session's spans at each idle limit, and as gaps the time that no event vouches for."""
    state = _State()
    before = moments[0]
    for moment, following in pairwise(moments):
        event = moment.event
        state.take(event, moment.at, _input_at(before, moment))
        before = moment
        if not state.present:
            continue
        elapsed = min(following.event.seconds - event.seconds, following.at - moment.at)
        end = moment.at + (elapsed if elapsed <= VOUCHED_SECONDS else HEARTBEAT_SECONDS)
        key = Key(event.video_id, event.masklet_id, event.frame_index, event.phase, event.verifying)
        for limit, of_limit in spans.items():
            for start, stop, doing in _pieces(state, moment.at, end, limit, event.verifying):
                of_limit.append(Span(start, stop, doing, key, event.user_id))
        hidden = following.event.seconds - event.seconds - (following.at - moment.at)
        if hidden > LATE_SECONDS:  # more time passed than the server's clock shows
            state.last_input -= hidden
        if following.at - end > LATE_SECONDS:
            gaps.append(Gap(end, following.at, key, event.user_id))


def _input_at(before: Placed, moment: Placed) -> float | None:
    """When the input that a heartbeat reports happened. If the computer has slept since the last event, before that."""
    age = moment.event.input_age
    if age is None:
        return None
    passed = moment.event.seconds - before.event.seconds
    if moment.at - before.at - passed <= LATE_SECONDS:
        return moment.at - age
    return before.at + max(passed - age, 0.0)


def _pieces(
    state: _State, start: float, end: float, idle_seconds: float, verifying: bool
) -> Iterator[tuple[float, float, Doing]]:
    """Cut a stretch without events where one kind of time turns into the next."""
    reviewing = state.reviewing or verifying
    stages = [(Doing.reviewing if reviewing else Doing.active, state.last_input + idle_seconds)]
    since = state.waiting_since
    if since is not None:
        untouched = state.last_input <= since
        stages.insert(0 if untouched else 1, (Doing.waiting, since + LONGEST_WAIT_SECONDS))
    for doing, until in [*stages, (Doing.idle, end)]:
        stop = min(until, end)
        if stop > start:
            yield start, stop, doing
            start = stop
