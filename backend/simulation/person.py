"""A simulated annotator, whose every step takes the time of the paper's model.

The seconds are those of SAM 2's appendix F.1.2: 1 to locate the object, 1.5 for a click, and 30 for looking through 300
frames. The paper has no time for drawing a mask by hand; ours is an assumption, and an option of the command.
"""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

import numpy as np

from backend.simulation.browser import SimulatedBrowser
from backend.simulation.masklet import Mask, RemoteMasklet
from backend.tables.states import ActivityKind
from model_server.evaluation.clicks import next_click

LOCATE_SECONDS = 1.0
CLICK_SECONDS = 1.5
LOOK_SECONDS_PER_FRAME = 30 / 300
BRUSH_SECONDS = 15.0
GOOD_IOU = 0.85
"""They click until the mask's IoU with the truth is this good ..."""
MAX_CLICKS = 6
"""... or they have clicked this often on the frame."""
BAD_IOU = 0.75
"""A mask with a lower IoU is corrected, with the brush in the end."""
HALF_RIGHT_IOU = 0.5
"""A mask with a lower IoU has more wrong than right about it."""
_UNEVEN = 0.2  # people take up to this share more or less time
_STROKE_SECONDS = 0.5

Placed = dict[str, Any]
"""A click as the API takes it."""
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Habits:
    """The options of a simulated person."""

    brush_seconds: float = BRUSH_SECONDS
    reply_seconds: float | None = None
    """Seconds that the model takes per frame, prompted or propagated; None means the real time."""


@dataclass(frozen=True, slots=True)
class _Arriving:
    """The masks of a propagation, which come at an even pace."""

    start: int
    began: float
    pace: float

    def at(self, frame_index: int) -> float:
        """When the mask of a frame is there."""
        return self.began + self.pace * (frame_index - self.start)


@dataclass(slots=True)
class SimulatedPerson:
    """Somebody in front of a browser with one masklet selected."""

    browser: SimulatedBrowser
    masklet: RemoteMasklet
    habits: Habits
    random: Random
    _arriving: _Arriving = field(default_factory=lambda: _Arriving(0, 0.0, 0.0))

    def find(self) -> None:
        """Locate the object, with the pointer moving."""
        self._take_time(LOCATE_SECONDS)
        self.browser.pointer()

    def click_until_good(self, frame_index: int, truth: Mask, tracked: Mask | None) -> Mask:
        """Click until the mask is good, or MAX_CLICKS are made. Returns the last mask.

        Clicks correct a mask that was tracked to the frame, if any. Once that is not worth it, they clear the frame and
        click on the object anew, with the clicks that are left.
        """
        self.browser.attention.tool = "point"
        left = MAX_CLICKS
        if tracked is not None and tracked.any():
            mask, left = self._correct(frame_index, truth, tracked)
            if not left or iou(truth, mask) >= GOOD_IOU:
                return mask
            self.clear(frame_index)
        return self._click_anew(frame_index, truth, left)

    def _correct(self, frame_index: int, truth: Mask, mask: Mask) -> tuple[Mask, int]:
        """Click where a tracked mask is wrong. Returns the last mask, and how many more clicks they would make."""
        clicks, gain = list[Placed](), math.inf
        while (left := MAX_CLICKS - len(clicks)) and _is_worth_correcting(before := iou(truth, mask), gain, left):
            mask = self._click_where_wrong(frame_index, truth, mask, clicks)
            gain = iou(truth, mask) - before
        return mask, left

    def _click_anew(self, frame_index: int, truth: Mask, left: int) -> Mask:
        """Click on a frame without a mask, and then where the mask is wrong. Returns the last mask."""
        clicks = list[Placed]()
        mask = self._click_where_wrong(frame_index, truth, np.zeros_like(truth), clicks)
        while len(clicks) < left and iou(truth, mask) < GOOD_IOU:
            mask = self._click_where_wrong(frame_index, truth, mask, clicks)
        return mask

    def _click_where_wrong(self, frame_index: int, truth: Mask, mask: Mask, clicks: list[Placed]) -> Mask:
        """Make one more click, and wait for the mask that answers all of them."""
        click = next_click(truth, mask)
        assert click is not None, "a mask without an error is good"
        clicks.append({"x": click.x, "y": click.y, "label": "positive" if click.positive else "negative"})
        self._take_time(CLICK_SECONDS)
        self.browser.pointer()
        self.browser.note(ActivityKind.edit, what="click", clicks=len(clicks))
        return self._wait(lambda: self.masklet.prompt(frame_index, list(clicks)), num_frames=1)

    def clear(self, frame_index: int) -> None:
        """Press one key, which takes as long as a click."""
        self._take_time(CLICK_SECONDS)
        self.browser.key()
        self.browser.note(ActivityKind.edit, what="clear")
        self.masklet.clear(frame_index)

    def brush(self, frame_index: int, truth: Mask) -> None:
        """Paint the true mask, in strokes."""
        self.browser.attention.tool = "brush"
        remaining = self._uneven(self.habits.brush_seconds)
        while remaining > 0:
            self.browser.pass_time(min(_STROKE_SECONDS, remaining))
            self.browser.pointer()
            remaining -= _STROKE_SECONDS
        self.browser.note(ActivityKind.edit, what="brush")
        self.masklet.draw(frame_index, truth)

    def mark_absent(self, frame_index: int) -> None:
        """Press one key, which takes as long as a click."""
        self._take_time(CLICK_SECONDS)
        self.browser.key()
        self.browser.note(ActivityKind.edit, what="absent")
        self.masklet.mark_absent(frame_index)

    def propagate(self, start: int, last: int) -> None:
        """Press one key; masks then arrive one by one, and are looked at meanwhile."""
        self.browser.key()
        self.browser.note(ActivityKind.edit, what="propagate", direction="forward")
        began = time.monotonic()
        self.masklet.propagate(start, last)
        reply = self.habits.reply_seconds
        pace = (time.monotonic() - began) / (last - start) if reply is None else reply
        self.browser.begin_run(pace * (last - start))
        self._arriving = _Arriving(start, self.browser.clock.seconds, pace)

    def look(self, frames: Iterable[int]) -> Iterable[int]:
        """Step through annotated frames and look at each. Yields the current one."""
        for frame in frames:
            passed = abs(frame - self.browser.attention.frame_index)
            if passed:
                self._take_time(passed * LOOK_SECONDS_PER_FRAME)
                self.browser.key()
                self.browser.show(frame)
                self.browser.pass_time(max(0.0, self._arriving.at(frame) - self.browser.clock.seconds))
            yield frame

    def _wait(self, ask: Callable[[], Answer], *, num_frames: int) -> Answer:
        """Wait, blocked, until the model has answered."""
        self.browser.end_run()
        self.browser.note(ActivityKind.wait_begin)
        began = time.monotonic()
        answer = ask()
        reply = self.habits.reply_seconds
        self.browser.pass_time(time.monotonic() - began if reply is None else reply * num_frames)
        self.browser.note(ActivityKind.wait_end)
        return answer

    def _take_time(self, seconds: float) -> None:
        self.browser.pass_time(self._uneven(seconds))

    def _uneven(self, seconds: float) -> float:
        return seconds * self.random.uniform(1 - _UNEVEN, 1 + _UNEVEN)


def _is_worth_correcting(quality: float, gain: float, left: int) -> bool:
    """Whether clicks on a tracked mask of this IoU go on, after one that gained so much and with so many left.

    What is not bad is worth it. A bad mask is if it has more right than wrong about it, and gets good at this pace.
    """
    if quality >= GOOD_IOU:
        return False
    return quality >= BAD_IOU or (quality >= HALF_RIGHT_IOU and quality + gain * left >= GOOD_IOU)


def iou(truth: Mask, mask: Mask) -> float:
    """Intersection over union; 1 for two empty masks."""
    union = int(np.count_nonzero(truth | mask))
    return np.count_nonzero(truth & mask) / union if union else 1.0
