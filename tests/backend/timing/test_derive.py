"""Seconds from events: examples with the answer worked out by hand, and what must hold for any log."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from backend.tables.states import ActivityKind, Phase
from backend.timing.derive import Doing, Event, Seconds, seconds_spent

K = ActivityKind
BEGIN = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
ANN, BEN = UUID(int=1), UUID(int=2)
TAB, OTHER_TAB = UUID(int=10), UUID(int=11)
CUP, DOG = UUID(int=20), UUID(int=21)


def event(seconds: float, kind: ActivityKind, **more: object) -> Event:
    """Received the moment it happened, on the clock of its tab."""
    plain = Event(
        order=int(seconds * 1000),
        user_id=ANN,
        session_id=TAB,
        masklet_id=CUP,
        frame_index=0,
        phase=Phase.sam2,
        kind=kind,
        seconds=seconds,
        client_time=BEGIN + timedelta(seconds=seconds),
        received=BEGIN + timedelta(seconds=seconds),
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def total(spent: Seconds, doing: Doing, masklet: UUID | None = CUP) -> float:
    return round(sum(s for (key, what), s in spent.items() if what is doing and key.masklet_id == masklet), 6)


def beats(first: float, last: float, **more: object) -> list[Event]:
    return [event(first + 5 * i, K.heartbeat, **more) for i in range(int((last - first) / 5) + 1)]


def test_time_between_inputs_is_active() -> None:
    spent = seconds_spent([event(0, K.open), event(4, K.input), event(10, K.edit), event(12, K.close)])
    assert total(spent, Doing.active) == 12


def test_activity_ends_at_the_idle_limit_after_the_last_input() -> None:
    events = [event(0, K.open), event(10, K.edit), *beats(15, 300), event(301, K.close)]
    assert total(seconds_spent(events), Doing.active) == 40
    assert total(seconds_spent(events, idle_seconds=100), Doing.active) == 110


def test_a_heartbeat_with_input_keeps_a_person_active_and_one_without_does_not() -> None:
    with_input = [event(0, K.open), *beats(5, 60, had_input=True), event(60.5, K.close)]
    without = [event(0, K.open), *beats(5, 60), event(60.5, K.close)]
    assert total(seconds_spent(with_input), Doing.active) == 60.5
    assert total(seconds_spent(without), Doing.active) == 30


def test_nothing_counts_while_the_page_has_no_focus() -> None:
    events = [event(0, K.open), event(5, K.blur), event(20, K.focus), event(25, K.close)]
    assert total(seconds_spent(events), Doing.active) == 10


def test_waiting_for_the_model_is_kept_apart_until_the_person_does_something_else() -> None:
    waited = [event(0, K.open), event(2, K.wait_begin), event(8, K.wait_end), event(9, K.close)]
    spent = seconds_spent(waited)
    assert (total(spent, Doing.active), total(spent, Doing.waiting)) == (3, 6)
    busy = [event(0, K.open), event(2, K.wait_begin), event(4, K.input), event(8, K.wait_end), event(9, K.close)]
    spent = seconds_spent(busy)
    assert (total(spent, Doing.active), total(spent, Doing.waiting)) == (7, 2)


def test_waiting_longer_than_the_idle_limit_still_counts_because_the_person_is_blocked() -> None:
    events = [event(0, K.open), event(1, K.wait_begin), *beats(5, 60), event(61, K.wait_end), event(62, K.close)]
    assert total(seconds_spent(events), Doing.waiting) == 60


def test_a_reply_that_never_comes_does_not_count_for_ever() -> None:
    events = [event(0, K.open), event(1, K.wait_begin), *beats(5, 3600), event(3601, K.close)]
    assert total(seconds_spent(events), Doing.waiting) == 300


def test_playing_and_stepping_is_reviewing_until_the_next_edit() -> None:
    events = [event(0, K.open), event(2, K.play), event(8, K.step), event(10, K.edit), event(13, K.close)]
    spent = seconds_spent(events)
    assert (total(spent, Doing.active), total(spent, Doing.reviewing)) == (5, 8)


def test_time_goes_to_the_masklet_that_was_selected() -> None:
    events = [
        event(0, K.open, masklet_id=None),
        event(3, K.input),
        event(7, K.input, masklet_id=DOG),
        event(9, K.close),
    ]
    spent = seconds_spent(events)
    assert [total(spent, Doing.active, masklet) for masklet in (None, CUP, DOG)] == [3, 4, 2]


def test_two_tabs_never_count_the_same_moment_twice() -> None:
    one = [event(0, K.open), *beats(5, 30, had_input=True), event(31, K.close)]
    other = [replace(found, session_id=OTHER_TAB, masklet_id=DOG) for found in one]
    spent = seconds_spent([*one, *other])
    assert total(spent, Doing.active, CUP) + total(spent, Doing.active, DOG) == 31


def test_two_people_count_apart() -> None:
    one = [event(0, K.open), event(10, K.close)]
    other = [replace(found, session_id=OTHER_TAB, user_id=BEN) for found in one]
    assert total(seconds_spent([*one, *other]), Doing.active) == 20


def test_a_clock_that_runs_faster_than_the_servers_is_held_back() -> None:
    real = [event(0, K.open), *beats(5, 100, had_input=True)]
    fast = [replace(found, seconds=found.seconds * 60) for found in real]
    claimed = sum(seconds_spent(fast).values())
    assert claimed <= 100 + 10  # of 6000 claimed: what the server saw pass, and the slack


def test_events_kept_while_offline_count_once_they_arrive() -> None:
    events = [event(0, K.open), *beats(5, 55, had_input=True), event(60, K.close)]
    late = [replace(found, received=BEGIN + timedelta(seconds=600)) for found in events]
    assert total(seconds_spent(late), Doing.active) == 60


Steps = list[tuple[float, ActivityKind, UUID | None, bool]]
kinds = st.sampled_from(list(ActivityKind))
steps = st.lists(st.tuples(st.floats(0, 400), kinds, st.sampled_from([None, CUP, DOG]), st.booleans()), max_size=40)


def log(found: Steps, session: UUID = TAB) -> list[Event]:
    now, events = 0.0, []
    for gap, kind, masklet, had_input in found:
        now += gap
        events.append(event(now, kind, masklet_id=masklet, had_input=had_input, session_id=session, order=len(events)))
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
    apart = sum(seconds_spent(one).values()) + sum(seconds_spent(other).values())
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
    shorter = sum(seconds_spent(events, idle_seconds=short).values())
    assert shorter <= sum(seconds_spent(events, idle_seconds=long).values()) + 1e-6


@given(steps)
def test_every_entry_is_positive_and_an_empty_log_gives_none(
    found: Steps,
) -> None:
    assert seconds_spent([]) == {}
    assert all(seconds > 0 for seconds in seconds_spent(log(found)).values())
