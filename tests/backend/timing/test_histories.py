"""Thousands of simulated days at work: what derivation makes of their logs, beside what really happened.

The bound. One heartbeat (5 s, and the second a busy page's timer may be late) for each disturbance: a sleep, a crash, a
change of tab, a request that took seconds. Beside that:

- What a crash lost before it was sent or kept cannot be known, so it may be missing; it is never invented.
- Where the wall clock was set while events waited to be sent, they may be placed wrong: time may be missing (at most
  what they tell of, and one idle limit). None is invented, with one exception: it hides a sleep from a monotonic clock
  that stood still meanwhile, and then the last input before that sleep seems recent, for one idle limit at most.
"""

import os
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

import pytest

from backend.timing.derivation import Doing, derive, derive_at
from backend.timing.events import IDLE_CHOICES, Derived
from backend.timing.moments import VOUCHED_SECONDS
from tests.backend.timing.histories import MASKLETS, K, Tab, World
from tests.backend.timing.one_limit import derived_at

HISTORIES = int(os.environ.get("MASKLOOM_HISTORIES", "250"))


def _live(world: World, rng: Random) -> None:
    """Half an hour or so of somebody's work in up to three tabs."""
    tabs = [world.open()]
    here: Tab = tabs[0]
    world.focus(here)
    for _ in range(rng.randint(3, 25)):
        world.advance(rng.uniform(0.05, 1.0))
        match rng.choices(
            ["work", "ask", "think", "idle", "review", "switch", "leave", "sleep", "set clock", "net", "crash"],
            [30, 20, 12, 3, 8, 8, 6, 5, 3, 6, 4],
        )[0]:
            case "work":
                world.attend(here, rng.choice(MASKLETS))
                for _ in range(rng.randint(1, 12)):
                    world.input(here, K.edit if rng.random() < 0.4 else None)
                    world.advance(rng.expovariate(0.5))
            case "ask":
                world.ask(here, rng.choice([0.1, 0.4, 2.0, 20.0, 90.0]))
                world.advance(rng.uniform(0.0, 25.0))
                if rng.random() < 0.4:
                    world.input(here)
            case "think":
                world.advance(rng.uniform(5, 60))
            case "idle":
                world.advance(rng.uniform(60, 400))
            case "review":
                for _ in range(rng.randint(1, 10)):
                    world.input(here, rng.choice([K.play, K.step]))
                    world.advance(rng.expovariate(0.7))
            case "switch":
                world.switches += 1
                world.blur(here)
                world.advance(rng.uniform(0.0, 0.2))
                if len(tabs) < 3 and rng.random() < 0.6:
                    tabs.append(world.open())
                here = rng.choice(tabs)
                world.focus(here)
            case "leave":
                world.blur(here)
                world.advance(rng.uniform(2, 200))
                world.focus(here)
            case "sleep":
                world.sleep(rng.choice([2.0, 20.0, 400.0, 7200.0]))
            case "set clock":
                world.set_clock(rng.choice([-1, 1]) * rng.uniform(1, 7200))
            case "net":
                world.online = not world.online
            case "crash":
                world.crash(here, keeps_storage=rng.random() < 0.7)
                tabs.remove(here)
                world.advance(rng.uniform(0.5, 20))
                here = world.open()
                tabs.append(here)
                world.focus(here)
    world.finish()


def make_history(seed: int) -> World:
    rng = Random(seed)
    world = World(rng, clock_stops=rng.random() < 0.5)
    _live(world, rng)
    return world


def counted(derived: Derived) -> float:
    return sum(span.end - span.start for span in derived.spans if span.doing is not Doing.idle)


def by_masklet(derived: Derived) -> dict[object, float]:
    spent: dict[object, float] = {}
    for span in derived.spans:
        if span.doing is not Doing.idle:
            spent[span.key.masklet_id] = spent.get(span.key.masklet_id, 0.0) + span.end - span.start
    return spent


def bounds(world: World, truth: float, idle_seconds: float) -> tuple[float, float]:
    """The least and the most that may be derived."""
    near = 0.5 + VOUCHED_SECONDS * (world.sleeps + world.crashes + world.switches + world.slow)
    hidden = min(world.jumps, world.sleeps) if world.clock_stops and world.unplaced else 0
    misplaced = world.unplaced + (idle_seconds * world.jumps if world.unplaced else 0.0)
    return truth - near - world.lost_seconds() - misplaced, truth + near + idle_seconds * hidden


@pytest.mark.parametrize("part", range(4))
def test_derived_time_is_within_a_heartbeat_of_the_truth_for_each_disturbance(part: int) -> None:
    for seed in range(part, HISTORIES, 4):
        world = make_history(seed)
        events = list(world.stored.values())
        for idle_seconds in IDLE_CHOICES:
            derived = derive(events, idle_seconds=idle_seconds)
            truth, masklets = world.truth.spent(idle_seconds)
            least, most = bounds(world, truth.busy + truth.waiting, idle_seconds)
            assert counted(derived) <= most, f"seed {seed}: invented"
            assert counted(derived) >= least, f"seed {seed}: lost"
            found = by_masklet(derived)
            for masklet_id, seconds in masklets.items():
                least, most = bounds(world, seconds, idle_seconds)
                assert least <= found.get(masklet_id, 0.0) <= most, f"seed {seed}: {masklet_id}"


def test_no_history_gives_more_time_than_the_server_saw_pass_and_no_moment_counts_twice() -> None:
    for seed in range(0, HISTORIES, 4):
        world = make_history(seed)
        derived = derive(world.stored.values())
        ordered = sorted(derived.spans, key=lambda span: span.start)
        assert all(span.end > span.start for span in ordered)
        assert all(a.end <= b.start + 1e-6 for a, b in pairwise(ordered)), f"seed {seed}"
        assert sum(span.end - span.start for span in ordered) <= world.now, f"seed {seed}"


def test_several_idle_limits_at_once_give_what_each_gives_alone() -> None:
    limits = (15.0, 30.0, 100.0, 1.0, 30.0)
    for seed in range(0, HISTORIES, 4):
        events = list(make_history(seed).stored.values())
        events += [replace(event, user_id=UUID(int=2), session_id=UUID(int=9 + seed)) for event in events[::2]]
        at_once = derive_at(events, limits)
        assert list(at_once) == [15.0, 30.0, 100.0, 1.0]
        for idle_seconds, derived in at_once.items():
            assert derived == derived_at(events, idle_seconds), f"seed {seed}"


def test_everything_acknowledged_is_stored_and_everything_kept_arrives() -> None:
    for seed in range(0, HISTORIES, 4):
        world = make_history(seed)
        assert world.acknowledged <= set(world.stored), f"seed {seed}"
        assert not world.orphans
        assert not any(tab.pending for tab in world.tabs if tab.alive)


def test_repeated_late_and_reordered_copies_change_nothing() -> None:
    for seed in range(0, HISTORIES, 8):
        rng = Random(seed)
        events = list(make_history(seed).stored.values())
        copies = [replace(event, received=event.received + timedelta(seconds=rng.uniform(0, 900))) for event in events]
        mixed = [*events, *(copy for copy in copies if rng.random() < 0.3)]
        rng.shuffle(mixed)
        assert derive(mixed) == derive(events), f"seed {seed}"
