"""What a simulated person does on one frame, with a masklet whose answers are known."""

from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

import numpy as np
import pytest

from backend.simulation.browser import SimulatedBrowser
from backend.simulation.masklet import Mask, RemoteMasklet
from backend.simulation.person import Habits, SimulatedPerson, iou
from backend.simulation.protocols import new_masks_from_scratch, refining_clicks

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


def test_clearing_a_frame_takes_the_time_of_a_click() -> None:
    browser = QuietBrowser()
    masklet = KnownMasklet(tracked=10)
    SimulatedPerson(cast(SimulatedBrowser, browser), cast(RemoteMasklet, masklet), Habits(), Random(1)).clear(FRAME)
    assert 1.2 <= browser.seconds <= 1.8
    assert iou(TRUTH, bar(50)) == 0.5
