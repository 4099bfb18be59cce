"""Derivation at one idle limit after the other, as it is defined: what deriving at several at once is compared with."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from uuid import UUID

from backend.timing.derivation import _input_at, _pieces, _State
from backend.timing.events import HEARTBEAT_SECONDS, Derived, Event, Gap, Key, Sitting, Span
from backend.timing.moments import LATE_SECONDS, VOUCHED_SECONDS, Placed, placed
from backend.timing.overlap import exclusive


def derived_at(events: Iterable[Event], idle_seconds: float) -> Derived:
    by_user: defaultdict[UUID, defaultdict[UUID, list[Event]]] = defaultdict(lambda: defaultdict(list))
    for event in events:
        by_user[event.user_id][event.session_id].append(event)
    derived = Derived([], [], [])
    for user_id, of_user in sorted(by_user.items()):
        spans: list[Span] = []
        for _session_id, session in sorted(of_user.items()):
            moments = placed(session)
            spans += _spans(moments, idle_seconds, derived.gaps)
            first, last = moments[0], moments[-1]
            derived.sittings.append(Sitting(first.at, last.at, first.event.video_id, user_id))
        derived.spans.extend(exclusive(spans))
    return derived


def _spans(moments: list[Placed], idle_seconds: float, gaps: list[Gap]) -> list[Span]:
    state, spans, before = _State(), list[Span](), moments[0]
    for moment, following in pairwise(moments):
        event = moment.event
        state.take(event, moment.at, _input_at(before, moment))
        before = moment
        if not state.present:
            continue
        elapsed = min(following.event.seconds - event.seconds, following.at - moment.at)
        end = moment.at + (elapsed if elapsed <= VOUCHED_SECONDS else HEARTBEAT_SECONDS)
        key = Key(event.video_id, event.masklet_id, event.frame_index, event.phase, event.verifying)
        pieces = _pieces(state, moment.at, end, idle_seconds, event.verifying)
        spans += [Span(start, stop, doing, key, event.user_id) for start, stop, doing in pieces]
        hidden = following.event.seconds - event.seconds - (following.at - moment.at)
        if hidden > LATE_SECONDS:
            state.last_input -= hidden
        if following.at - end > LATE_SECONDS:
            gaps.append(Gap(end, following.at, key, event.user_id))
    return spans
