"""What a simulated person does on one frame, with a masklet whose answers are known."""

from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

import numpy as np
import pytest

from backend.client.connection import SiteConnection
from backend.simulation.browser import Attention, SimulatedBrowser
from backend.simulation.clock import SimulatedClock
from backend.simulation.masklet import Mask, RemoteMasklet
from backend.simulation.person import Habits, SimulatedPerson, iou
from backend.simulation.protocols import new_masks_from_scratch, refining_clicks
from backend.tables.states import Phase

FRAME = 4


def bar(width: int) -> Mask:
    """IoU of two bars is the quotient of their widths."""
    mask = np.zeros((8, 100), bool)
    mask[2:6, :width] = True
    return mask


TRUTH = bar(100)


@dataclass
class KnownMasklet:
    """Answers clicks with bars of these widths: clicks that correct the tracked mask, and those on a cleared frame."""

    tracked: int | None
    corrected: list[int] = field(default_factory=list[int])
    fresh: list[int] = field(default_factory=list[int])
    done: list[str] = field(default_factory=list[str])

    def prompt(self, frame_index: int, clicks: list[dict[str, Any]]) -> Mask:
        answers = self.fresh if self.tracked is None else self.corrected
        self.done.append(f"click {len(clicks)}")
        return bar(answers[len(clicks) - 1])

    def clear(self, frame_index: int) -> None:
        self.tracked = None
        self.done.append("clear")

    def draw(self, frame_index: int, mask: Mask) -> None:
        assert np.array_equal(mask, TRUTH)
        self.done.append("brush")

    def mask(self, frame_index: int) -> Mask | None:
        return None if self.tracked is None else bar(self.tracked)

    def propagate(self, start: int, last: int) -> None:
        raise AssertionError("there is one frame only")


@dataclass
class QuietBrowser:
    """Counts the seconds."""

    seconds: float = 0.0
    attention: Any = field(default_factory=lambda: type("Attention", (), {"frame_index": FRAME, "tool": ""})())

    def pass_time(self, seconds: float) -> None:
        self.seconds += seconds

    def pointer(self) -> None: ...

    def key(self) -> None: ...

    def show(self, frame_index: int) -> None: ...

    def note(self, kind: Any, **payload: Any) -> None: ...

    def end_run(self) -> None: ...


def work(masklet: KnownMasklet, protocol: Any = refining_clicks) -> list[str]:
    """What a person does on the one frame."""
    browser = cast(SimulatedBrowser, QuietBrowser())
    protocol(SimulatedPerson(browser, cast(RemoteMasklet, masklet), Habits(), Random(1)), {FRAME: TRUTH})
    return masklet.done


def test_a_tracked_mask_that_is_good_enough_is_left_alone() -> None:
    assert work(KnownMasklet(tracked=75)) == []


def test_clicks_correct_a_tracked_mask_as_long_as_they_make_it_better() -> None:
    assert work(KnownMasklet(tracked=60, corrected=[70, 80, 90])) == ["click 1", "click 2", "click 3"]


def test_they_begin_anew_once_the_clicks_left_would_not_get_there_at_the_pace_of_the_last_one() -> None:
    masklet = KnownMasklet(tracked=60, corrected=[70, 72, 90], fresh=[80, 95])
    assert work(masklet) == ["click 1", "click 2", "clear", "click 1", "click 2"]


def test_a_mask_that_is_more_wrong_than_right_is_not_corrected_at_all() -> None:
    assert work(KnownMasklet(tracked=49, corrected=[90], fresh=[90])) == ["clear", "click 1"]


def test_there_is_nothing_to_clear_where_nothing_was_tracked() -> None:
    assert work(KnownMasklet(tracked=0, corrected=[90])) == ["click 1"]


def test_they_make_as_many_clicks_on_a_frame_as_in_other_phases_and_draw_where_those_help_neither_way() -> None:
    masklet = KnownMasklet(tracked=60, corrected=[61], fresh=[50, 60, 50, 60, 50])
    assert work(masklet) == ["click 1", "clear", *(f"click {count}" for count in range(1, 6)), "brush"]


def test_a_mask_that_can_be_kept_is_not_cleared() -> None:
    masklet = KnownMasklet(tracked=70, corrected=[80, 80, 80, 80, 80, 80])
    assert work(masklet) == [f"click {count}" for count in range(1, 7)]


@pytest.mark.parametrize("tracked", [49, 60])
def test_in_phase_two_every_correction_begins_anew(tracked: int) -> None:
    class Fresh(KnownMasklet):
        def prompt(self, frame_index: int, clicks: list[dict[str, Any]]) -> Mask:
            self.done.append(f"click {len(clicks)}")
            return bar(self.fresh[len(clicks) - 1])

    assert work(Fresh(tracked=tracked, fresh=[90]), new_masks_from_scratch) == ["click 1"]


class QuietSite:
    """Takes events, and keeps what kind they are and the seconds of the browser's clock."""

    def __init__(self) -> None:
        self.events: list[tuple[str, float]] = []

    def send(self, method: str, path: str, body: Any, **_headers: Any) -> None:
        self.events += [(event["kind"], event["client_monotonic_ms"] / 1000) for event in body["events"]]


@dataclass
class CarriedMasklet:
    """Propagates at once; the clock of the simulation tells how long it took."""

    runs: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def propagate(self, start: int, last: int) -> None:
        self.runs.append((start, last))


def look_through(reply_seconds: float) -> tuple[float, list[tuple[str, float]]]:
    """Propagate 20 frames and look at every fourth; the seconds that takes, and the waits, from the beginning."""
    site, clock = QuietSite(), SimulatedClock()
    browser = SimulatedBrowser(
        cast(SiteConnection, site), clock, Attention("video", "masklet", Phase.sam2, 0), Random(1)
    )
    browser.open()
    habits = Habits(reply_seconds=reply_seconds)
    person = SimulatedPerson(browser, cast(RemoteMasklet, CarriedMasklet()), habits, Random(1))
    person.propagate(0, 20)
    list(person.look(range(4, 21, 4)))
    browser.close()
    opened = site.events[0][1]
    return clock.seconds, [(kind, at - opened) for kind, at in site.events if kind.startswith("wait")]


def test_masks_are_looked_at_while_they_arrive() -> None:
    seconds, waits = look_through(reply_seconds=0.02)  # less than it takes to look at a frame
    assert seconds == pytest.approx(20 * 0.1, rel=0.2)
    assert [kind for kind, _ in waits] == ["wait_begin", "wait_end"]
    assert waits[1][1] == pytest.approx(20 * 0.02, abs=0.01)


def test_a_mask_that_has_not_arrived_is_waited_for() -> None:
    seconds, waits = look_through(reply_seconds=0.5)
    assert seconds == pytest.approx(20 * 0.5)
    assert waits[-1][1] == pytest.approx(20 * 0.5, abs=0.01)


def test_clearing_a_frame_takes_the_time_of_a_click() -> None:
    browser = QuietBrowser()
    masklet = KnownMasklet(tracked=10)
    SimulatedPerson(cast(SimulatedBrowser, browser), cast(RemoteMasklet, masklet), Habits(), Random(1)).clear(FRAME)
    assert 1.2 <= browser.seconds <= 1.8
    assert iou(TRUTH, bar(50)) == 0.5
