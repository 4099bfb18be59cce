"""Honest time: activity events in, seconds by (video, masklet, frame, phase) out. Pure.

Only events are believed, never durations, and `placing` says when they happened. An event vouches for one heartbeat:
what is longer than that without another is a gap, and a gap is not time. Of sessions of one person that overlap, only
one counts at any moment.

- Focused: the page is visible and has the focus, and this tab has the browser's clock. It splits into:
- Active: the last input is at most the idle limit ago. Taking the focus counts as one, and so does a reply that comes.
- Reviewing: active, but playing or stepping since the last edit; on the review page always.
- Waiting: a model reply is outstanding, and no input since it was asked for is at most the idle limit ago.
- Idle: the rest.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
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

LONGEST_WAIT_SECONDS = 300.0  # a reply that never came must not count for ever

_INPUTS = {ActivityKind.input, ActivityKind.edit, ActivityKind.play, ActivityKind.step}
_REVIEWING = {ActivityKind.play, ActivityKind.step}
_EDITING = {ActivityKind.edit, ActivityKind.wait_begin}

Seconds = dict[tuple[Key, Doing], float]


def derive(events: Iterable[Event], *, idle_seconds: float = IDLE_SECONDS) -> Derived:
    """Everything that follows from these events, in whatever order and however often they come.

    The time of a person is right only if all their events of that time are there: what was done in another video at
    the same moment must not count twice.
    """
    by_user: defaultdict[UUID, defaultdict[UUID, list[Event]]] = defaultdict(lambda: defaultdict(list))
    for event in events:
        by_user[event.user_id][event.session_id].append(event)
    derived = Derived([], [], [])
    for user_id in sorted(by_user):
        spans: list[Span] = []
        for _, session in sorted(by_user[user_id].items()):
            moments = placed(session)
            spans += _follow(moments, idle_seconds, derived.gaps)
            first, last = moments[0], moments[-1]
            derived.sittings.append(Sitting(first.at, last.at, first.event.video_id, user_id))
        derived.spans.extend(exclusive(spans))
    return derived


def seconds_spent(events: Iterable[Event], *, idle_seconds: float = IDLE_SECONDS) -> Seconds:
    """Seconds by what they were spent on; zero entries are left out."""
    return totals(derive(events, idle_seconds=idle_seconds).spans)


def totals(spans: Iterable[Span]) -> Seconds:
    """Seconds by what they were spent on."""
    spent: defaultdict[tuple[Key, Doing], float] = defaultdict(float)
    for span in spans:
        spent[span.key, span.doing] += span.end - span.start
    return dict(spent)


def open_seconds(sittings: Iterable[Sitting]) -> float:
    """How long something was open; what was open in two tabs counts once."""
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
        """`input_at` is when the input was that a heartbeat tells of."""
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
            self.last_input = at if self.present else self.last_input  # they were blocked, now they are not
        elif kind is ActivityKind.heartbeat:
            self.present = True  # only a focused page has one
            if input_at is not None:
                self.last_input = max(self.last_input, input_at)
        elif kind is ActivityKind.focus or kind in _INPUTS:
            self.present = True
            self.last_input = at


def _follow(moments: Sequence[Placed], idle_seconds: float, gaps: list[Gap]) -> list[Span]:
    """What one session's person did; what nobody vouches for is added to `gaps`."""
    state = _State()
    spans: list[Span] = []
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
        spans += (
            Span(start, stop, doing, key, event.user_id)
            for start, stop, doing in _pieces(state, moment.at, end, idle_seconds, event.verifying)
        )
        hidden = following.event.seconds - event.seconds - (following.at - moment.at)
        if hidden > LATE_SECONDS:  # longer ago than the server can tell
            state.last_input -= hidden
        if following.at - end > LATE_SECONDS:
            gaps.append(Gap(end, following.at, key, event.user_id))
    return spans


def _input_at(before: Placed, moment: Placed) -> float | None:
    """When the input was that a heartbeat tells of. Where the computer slept since the event before, it was before."""
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
    """A stretch in which nothing was heard, cut where one kind of time turns into the next."""
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
