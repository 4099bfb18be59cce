"""Seconds from events: examples with the answer worked out by hand, and what must hold for any log."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.tables.states import ActivityKind, Phase
from backend.timing.derivation import Seconds, derive, seconds_spent, totals
from backend.timing.events import Doing, Event

K = ActivityKind
BEGIN = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
ANN, BEN = UUID(int=1), UUID(int=2)
TAB, OTHER_TAB = UUID(int=10), UUID(int=11)
VIDEO, CUP, DOG = UUID(int=5), UUID(int=20), UUID(int=21)


def event(seconds: float, kind: ActivityKind, **more: object) -> Event:
    """Received the moment it happened, on the clock of its tab."""
    plain = Event(
        event_id=uuid4(),
        order=int(seconds * 1000),
        user_id=ANN,
        session_id=TAB,
        video_id=VIDEO,
        masklet_id=CUP,
        frame_index=0,
        phase=Phase.sam2,
        kind=kind,
        seconds=seconds,
        received=BEGIN + timedelta(seconds=seconds),
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def total(spent: Seconds, doing: Doing, masklet: UUID | None = CUP) -> float:
    return round(sum(s for (key, what), s in spent.items() if what is doing and key.masklet_id == masklet), 6)


def beats(first: float, last: float, *, had_input: bool = False, **more: object) -> list[Event]:
    age = 0.0 if had_input else None
    return [event(first + 5 * i, K.heartbeat, input_age=age, **more) for i in range(int((last - first) / 5) + 1)]


def counted(spent: Seconds) -> float:
    return sum(seconds for (_key, doing), seconds in spent.items() if doing is not Doing.idle)


def test_time_between_inputs_is_active() -> None:
    spent = seconds_spent([event(0, K.focus), event(4, K.input), event(10, K.edit), event(12, K.close)])
    assert total(spent, Doing.active) == 12


def test_activity_ends_at_the_idle_limit_after_the_last_input_and_the_rest_is_idle() -> None:
    events = [event(0, K.focus), *beats(5, 10), event(10, K.edit), *beats(15, 300), event(301, K.close)]
    assert total(seconds_spent(events), Doing.active) == 40
    assert total(seconds_spent(events), Doing.idle) == 261
    assert total(seconds_spent(events, idle_seconds=15), Doing.active) == 25
    assert total(seconds_spent(events, idle_seconds=100), Doing.active) == 110


def test_a_heartbeat_says_when_the_last_input_was() -> None:
    with_input = [event(0, K.focus), *beats(5, 60, had_input=True), event(60.5, K.close)]
    without = [event(0, K.focus), *beats(5, 60), event(60.5, K.close)]
    assert total(seconds_spent(with_input), Doing.active) == 60.5
    assert total(seconds_spent(without), Doing.active) == 30
    once = [event(0, K.focus), event(5, K.heartbeat, input_age=2.0), *beats(10, 60), event(60.5, K.close)]
    assert total(seconds_spent(once), Doing.active) == 33


def test_nothing_counts_while_the_page_has_no_focus() -> None:
    events = [event(0, K.focus), event(5, K.blur), event(20, K.focus), event(25, K.close)]
    assert total(seconds_spent(events), Doing.active) == 10
    background = [event(0, K.open), event(4, K.wait_begin), event(6, K.wait_end), event(9, K.close)]
    assert seconds_spent(background) == {}


def test_a_silence_longer_than_a_heartbeat_is_a_gap_and_no_time() -> None:
    events = [event(0, K.focus), event(3, K.edit), event(603, K.edit), event(606, K.close)]
    derived = derive(events)
    assert counted(totals(derived.spans)) == 3 + 5 + 3
    assert [(gap.start - BEGIN.timestamp(), gap.end - BEGIN.timestamp()) for gap in derived.gaps] == [(8, 603)]


def test_a_clock_that_stood_still_while_the_computer_slept_leaves_a_gap_too() -> None:
    awake = [event(0, K.focus), event(4, K.edit), *beats(5, 20)]
    later = [event(22, K.heartbeat), event(25, K.edit), event(26, K.close)]
    slept = [replace(found, received=found.received + timedelta(hours=1)) for found in later]
    derived = derive([*awake, *slept])
    assert counted(totals(derived.spans)) == 20 + 2 + 1  # idle after an hour of sleep, until the next input
    assert [round(gap.end - gap.start) for gap in derived.gaps] == [3600]


def test_waiting_for_the_model_is_kept_apart_from_what_the_person_does_meanwhile() -> None:
    waited = [event(0, K.focus), event(2, K.edit), event(2, K.wait_begin), event(8, K.wait_end), event(9, K.close)]
    spent = seconds_spent(waited)
    assert (total(spent, Doing.active), total(spent, Doing.waiting)) == (3, 6)
    busy = [event(0, K.focus), event(2, K.wait_begin), event(4, K.input), event(8, K.wait_end), event(9, K.close)]
    spent = seconds_spent(busy)
    assert (total(spent, Doing.active), total(spent, Doing.waiting)) == (7, 2)


def test_who_waits_longer_than_the_idle_limit_is_still_blocked() -> None:
    events = [event(0, K.focus), event(1, K.wait_begin), *beats(5, 60), event(61, K.wait_end), event(62, K.close)]
    assert total(seconds_spent(events), Doing.waiting) == 60
    moved = sorted([*events, event(11, K.input)], key=lambda found: found.seconds)
    spent = seconds_spent(moved)  # a movement during the wait is activity for the idle limit, then it is waiting again
    assert (total(spent, Doing.active), total(spent, Doing.waiting)) == (1 + 30 + 1, 10 + 20)


def test_a_reply_that_never_comes_does_not_count_for_ever() -> None:
    events = [event(0, K.focus), event(1, K.wait_begin), *beats(5, 3600), event(3601, K.close)]
    assert total(seconds_spent(events), Doing.waiting) == 300


def test_playing_and_stepping_is_reviewing_until_the_next_edit() -> None:
    events = [event(0, K.focus), event(2, K.play), event(8, K.step), event(10, K.edit), event(13, K.close)]
    spent = seconds_spent(events)
    assert (total(spent, Doing.active), total(spent, Doing.reviewing)) == (5, 8)


def test_time_goes_to_the_masklet_that_was_selected() -> None:
    events = [
        event(0, K.focus, masklet_id=None),
        event(3, K.input),
        event(7, K.input, masklet_id=DOG),
        event(9, K.close),
    ]
    spent = seconds_spent(events)
    assert [total(spent, Doing.active, masklet) for masklet in (None, CUP, DOG)] == [3, 4, 2]


def test_two_tabs_never_count_the_same_moment_twice() -> None:
    one = [event(0, K.focus), *beats(5, 30, had_input=True), event(31, K.close)]
    other = [replace(found, event_id=uuid4(), session_id=OTHER_TAB, masklet_id=DOG) for found in one]
    spent = seconds_spent([*one, *other])
    assert total(spent, Doing.active, CUP) + total(spent, Doing.active, DOG) == 31


def test_being_idle_in_one_tab_does_not_hide_the_work_in_another() -> None:
    idle = [event(0, K.focus), *beats(5, 100), event(101, K.close)]
    work = [event(50, K.focus), *beats(55, 70, had_input=True), event(71, K.close)]
    other = [replace(found, session_id=OTHER_TAB, masklet_id=DOG) for found in work]
    spent = seconds_spent([*idle, *other])
    assert (total(spent, Doing.active, DOG), total(spent, Doing.active), total(spent, Doing.idle)) == (21, 30, 50)


def test_two_people_count_apart() -> None:
    one = [event(0, K.focus), *beats(5, 10), event(10.5, K.close)]
    other = [replace(found, event_id=uuid4(), session_id=OTHER_TAB, user_id=BEN) for found in one]
    assert total(seconds_spent([*one, *other]), Doing.active) == 21


def test_a_clock_that_runs_faster_than_the_servers_gains_nothing() -> None:
    real = [event(0, K.focus), *beats(5, 100, had_input=True)]
    fast = [replace(found, seconds=found.seconds * 60) for found in real]
    claimed = sum(seconds_spent(fast).values())
    assert 95 <= claimed <= 100 + 30  # of 6000: what the server saw pass, and what a first request may have taken


def test_a_clock_that_jumps_ahead_gains_nothing_and_loses_nothing() -> None:
    real = [event(0, K.focus), *beats(5, 600, had_input=True), event(601, K.close)]
    jumped = [replace(found, seconds=found.seconds + (3600 if found.seconds > 300 else 0)) for found in real]
    assert sum(seconds_spent(jumped).values()) == pytest.approx(601, abs=1)


def test_events_kept_while_offline_count_in_full_when_they_arrive_and_as_long_ago_as_they_say() -> None:
    events = [event(0, K.focus), *beats(5, 55, had_input=True), event(60, K.close)]
    late = [replace(found, received=BEGIN + timedelta(seconds=600), age=600 - found.seconds) for found in events]
    work = [event(70, K.focus), *beats(75, 595, had_input=True), event(600, K.close)]
    other = [replace(found, session_id=OTHER_TAB, masklet_id=DOG) for found in work]
    spent = seconds_spent([*late, *other])
    assert (total(spent, Doing.active), total(spent, Doing.active, DOG)) == (60, 530)


Steps = list[tuple[float, ActivityKind, UUID | None, bool]]
kinds = st.sampled_from(list(ActivityKind))
steps = st.lists(st.tuples(st.floats(0, 400), kinds, st.sampled_from([None, CUP, DOG]), st.booleans()), max_size=40)


def log(found: Steps, session: UUID = TAB) -> list[Event]:
    now, events = 0.0, []
    for gap, kind, masklet, had_input in found:
        now += gap
        more = {"masklet_id": masklet, "session_id": session, "order": len(events)}
        events.append(event(now, kind, input_age=1.0 if had_input else None, **more))
    return events


@given(steps)
def test_no_log_gives_more_time_than_passed(found: Steps) -> None:
    events = log(found)
    passed = events[-1].seconds - events[0].seconds if events else 0.0
    assert sum(seconds_spent(events).values()) <= passed + 1e-6


@given(steps, steps)
def test_two_sessions_give_at_most_the_time_of_their_union(first: Steps, second: Steps) -> None:
    one, other = log(first), log(second, OTHER_TAB)
    together = sum(seconds_spent([*one, *other]).values())
    latest = max((found.seconds for found in [*one, *other]), default=0.0)
    assert together <= latest + 1e-6
    together = counted(seconds_spent([*one, *other]))
    apart = counted(seconds_spent(one)) + counted(seconds_spent(other))
    assert together <= apart + 1e-6


@given(steps, st.randoms())
def test_the_order_of_arrival_in_the_list_does_not_matter(found: Steps, rng: object) -> None:
    events = log(found)
    shuffled = list(events)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert seconds_spent(shuffled) == seconds_spent(events)


@given(steps, st.floats(1, 200), st.floats(1, 200))
def test_a_longer_idle_limit_never_gives_less_time(found: Steps, first: float, second: float) -> None:
    events, (short, long) = log(found), sorted((first, second))
    shorter = counted(seconds_spent(events, idle_seconds=short))
    assert shorter <= counted(seconds_spent(events, idle_seconds=long)) + 1e-6


@given(steps)
def test_every_entry_is_positive_and_an_empty_log_gives_none(
    found: Steps,
) -> None:
    assert seconds_spent([]) == {}
    assert all(seconds > 0 for seconds in seconds_spent(log(found)).values())
