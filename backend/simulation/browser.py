"""The workspace's activity recorder (frontend/src/timing/activityRecorder.ts), on a simulated clock.

It has clocks of its own: the monotonic one begins anywhere, and the wall clock is wrong, as on people's computers.
"""

import math
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

from backend.client.connection import SiteConnection
from backend.simulation.clock import SimulatedClock
from backend.tables.states import ActivityKind, Phase

HEARTBEAT_SECONDS = 5.0
_BATCH = 400
_MOST_WRONG_SECONDS = 600.0


@dataclass(slots=True)
class Attention:
    """What the person attends to, which is part of every event."""

    video_id: str
    masklet_id: str
    phase: Phase
    frame_index: int
    tool: str = "point"


@dataclass(slots=True)
class _Counters:
    pointer: int = 0
    keys: int = 0


@dataclass(slots=True)
class SimulatedBrowser:
    """One browser session. It sees only the clock and what the person does, never how long anything takes."""

    site: SiteConnection
    clock: SimulatedClock
    attention: Attention
    random: Random
    _session_id: str = field(default_factory=lambda: str(uuid4()))
    _waiting: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    _counters: _Counters = field(default_factory=_Counters)
    _last_input: float | None = None
    _last_moment: float = 0.0
    _next_beat: float = 0.0
    _opened: float = 0.0
    _run_ends: float | None = None
    _wrong: timedelta = timedelta()

    def open(self) -> None:
        self._opened = self.clock.seconds - self.random.uniform(0, 3600)
        self._wrong = timedelta(seconds=self.random.uniform(-_MOST_WRONG_SECONDS, _MOST_WRONG_SECONDS))
        self._next_beat = self.clock.seconds + HEARTBEAT_SECONDS
        self.note(ActivityKind.open)
        self.note(ActivityKind.focus)

    def close(self) -> None:
        self.note(ActivityKind.close)
        self._flush()

    def pass_time(self, seconds: float) -> None:
        """Advance the clock, with the heartbeats that are due."""
        until = self.clock.seconds + seconds
        while (due := min(self._next_beat, self._run_ends or math.inf)) <= until:
            self.clock.advance_to(due)
            if due == self._run_ends:
                self.end_run()
            else:
                self._beat()
                self._next_beat += HEARTBEAT_SECONDS
        self.clock.advance_to(until)

    def begin_run(self, seconds: float) -> None:
        """A propagation is outstanding for so long, whatever the person does meanwhile. It replaces an earlier one."""
        self.end_run()
        self.note(ActivityKind.wait_begin)
        self._run_ends = self.clock.seconds + seconds

    def end_run(self) -> None:
        """It has come to its end, or the person does not wait for that."""
        if self._run_ends is not None:
            self._run_ends = None
            self.note(ActivityKind.wait_end)

    def pointer(self) -> None:
        self._counters.pointer += 1
        self._input()

    def key(self) -> None:
        self._counters.keys += 1
        self._input()

    def show(self, frame_index: int) -> None:
        """Show another frame on the stage."""
        if frame_index != self.attention.frame_index:
            self.attention.frame_index = frame_index
            self.note(ActivityKind.step)

    def note(self, kind: ActivityKind, **payload: Any) -> None:
        attention = self.attention
        self._waiting.append(
            {
                "event_id": str(uuid4()),
                **self._stamp(),
                "video_id": attention.video_id,
                "masklet_id": attention.masklet_id,
                "frame_index": attention.frame_index,
                "phase": attention.phase,
                "tool": attention.tool,
                "kind": kind,
                "payload": payload,
            }
        )

    def _input(self) -> None:
        """Record an input. The first one after a heartbeat is an event; the next heartbeat counts the others."""
        is_first = self._last_input is None
        self._last_input = self.clock.seconds
        if is_first:
            self.note(ActivityKind.input)

    def _beat(self) -> None:
        age = None if self._last_input is None else (self.clock.seconds - self._last_input) * 1000
        counters = self._counters
        self.note(
            ActivityKind.heartbeat,
            pointer=counters.pointer,
            keys=counters.keys,
            wheel=0,
            had_input=age is not None,
            input_age_ms=age,
        )
        self._counters, self._last_input = _Counters(), None
        self._flush()

    def _flush(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
            self.site.send("POST", "/api/activity", {"events": batch, "sent": self._stamp()}, key=uuid4())

    def _stamp(self) -> dict[str, Any]:
        """Both clocks now. No two moments of a session are the same, so that its events have one order."""
        now = (self.clock.seconds - self._opened) * 1000
        self._last_moment = max(now, self._last_moment + 0.001)
        return {
            "session_id": self._session_id,
            "client_monotonic_ms": self._last_moment,
            "client_time": (self.clock() + self._wrong).isoformat(timespec="milliseconds"),
        }
