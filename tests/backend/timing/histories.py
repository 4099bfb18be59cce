"""A simulated person, their browser and a server, with the truth written down: what derivation is judged by.

The tabs do what frontend/src/timing does: focus and blur, a heartbeat every five seconds with the age of the last
input, the first input since a heartbeat, edits, waits; batches are late, lost, repeated and out of order. Computers
sleep (the monotonic clock stands still, or not), wall clocks are set, tabs crash and leave unsent events, or lose them.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from backend.tables.states import ActivityKind, Phase
from backend.timing.ages import Stamp, ages_of
from backend.timing.events import HEARTBEAT_SECONDS, Event
from tests.backend.timing.truth import Mark, Truth

K = ActivityKind
BEGIN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ANN, VIDEO = UUID(int=1), UUID(int=5)
MASKLETS = (None, UUID(int=20), UUID(int=21), UUID(int=22))
_TIMEOUT = 30.0
_BATCH = 400


@dataclass
class Noted:
    """An event in a tab, with the true second it happened."""

    number: int
    session_id: UUID
    kind: ActivityKind
    masklet_id: UUID | None
    monotonic: float
    wall: datetime
    true: float
    input_age: float | None


@dataclass
class Tab:
    session_id: UUID
    base: float  # what its monotonic clock showed when the world began
    next_beat: float
    pending: list[Noted] = field(default_factory=list)
    counting: bool = False
    sending: bool = False
    alive: bool = True
    waits: int = 0
    masklet_id: UUID | None = None
    last_input: float | None = None  # monotonic; none since the last heartbeat
    noted: datetime | None = None  # by the wall clock
    crashed_at: float | None = None
    lost_tail: bool = False


@dataclass
class World:
    """Everything there is; `now` is true time in seconds, which is also the server's clock."""

    rng: Random
    clock_stops: bool
    now: float = 0.0
    slept: float = 0.0
    awake_at: float = 0.0
    wall_offset: float = 0.0
    online: bool = True
    tabs: list[Tab] = field(default_factory=list)
    orphans: list[Noted] = field(default_factory=list)
    stored: dict[int, Event] = field(default_factory=dict)
    acknowledged: set[int] = field(default_factory=set)
    heard: dict[UUID, float] = field(default_factory=dict)  # by session: the true second of its last stored event
    marks: list[Mark] = field(default_factory=list)
    sleeps: int = 0
    crashes: int = 0
    switches: int = 0
    jumps: int = 0
    slow: int = 0
    unplaced: float = 0.0  # seconds whose events waited to be sent while the wall clock was set
    set_at: float = -1.0  # when it was set last
    _numbers: int = 0
    _due: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)

    # --- time -----------------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        """Let time pass: heartbeats beat and requests arrive."""
        until = self.now + seconds
        while True:
            beats = [tab.next_beat for tab in self.tabs if tab.alive]
            upcoming = min([*beats, self._due[0][0] if self._due else float("inf")])
            if upcoming > until:
                break
            self.now = max(upcoming, self.now)
            if self._due and self._due[0][0] <= self.now:
                heapq.heappop(self._due)[2]()
                continue
            for tab in self.tabs:
                if tab.alive and tab.next_beat <= self.now:
                    tab.next_beat += HEARTBEAT_SECONDS + self.rng.uniform(0.0, 0.02)
                    self._beat(tab)
        self.now = until

    def sleep(self, seconds: float) -> None:
        """The lid is closed: nothing runs, and the monotonic clock may stand still."""
        self.sleeps += 1
        self._mark("sleep", None)
        wake = self.awake_at = self.now + seconds
        for tab in self.tabs:
            late = wake + self.rng.uniform(0.0, 1.0)
            tab.next_beat = tab.next_beat + seconds if self.clock_stops else max(tab.next_beat, late)
        # What was on its way arrives; what the tab would have heard, it hears when it is awake.
        self.advance(seconds)
        if self.clock_stops:
            self.slept += seconds
        self._mark("wake", None)

    def set_clock(self, by: float) -> None:
        """Somebody corrects the wall clock."""
        self.jumps += 1
        self.wall_offset += by
        self.set_at = self.now

    def _monotonic(self, tab: Tab) -> float:
        return tab.base + self.now - (self.slept if self.clock_stops else 0.0)

    def _wall(self) -> datetime:
        return BEGIN + timedelta(seconds=self.now + self.wall_offset)

    # --- the person -----------------------------------------------------------------------------

    def open(self) -> Tab:
        tab = Tab(UUID(int=self.rng.getrandbits(128)), self.rng.uniform(0, 1e5), self.now + HEARTBEAT_SECONDS)
        self.tabs.append(tab)
        tab.pending, self.orphans = self.orphans, []
        self._note(tab, K.open)
        return tab

    def focus(self, tab: Tab) -> None:
        tab.counting = True
        self._mark("focus", tab)
        self._note(tab, K.focus)

    def blur(self, tab: Tab) -> None:
        if tab.counting:
            tab.counting = False
            self._mark("blur", tab)
            self._note(tab, K.blur)
            self.flush(tab, keepalive=True)

    def input(self, tab: Tab, kind: ActivityKind | None = None) -> None:
        silent = tab.noted is not None and (self._wall() - tab.noted).total_seconds() > 2 * HEARTBEAT_SECONDS
        first = tab.last_input is None or silent
        tab.last_input = self._monotonic(tab)
        self._mark("input", tab)
        if first:
            self._note(tab, K.input)
        if kind is not None:
            self._note(tab, kind)

    def attend(self, tab: Tab, masklet_id: UUID | None) -> None:
        if masklet_id != tab.masklet_id:
            tab.masklet_id = masklet_id
            self._mark("attend", tab)
            self._note(tab, K.heartbeat)

    def ask(self, tab: Tab, seconds: float) -> None:
        """An edit that the model answers after that long."""
        self.input(tab, K.edit)
        tab.waits += 1
        if tab.waits == 1:
            self._mark("wait_begin", tab)
            self._note(tab, K.wait_begin)
        self._later(seconds, lambda: self._answered(tab))

    def crash(self, tab: Tab, *, keeps_storage: bool) -> None:
        self.crashes += 1
        tab.alive = tab.counting = False
        tab.crashed_at = self.now
        self._mark("blur", tab)
        if keeps_storage:
            self.orphans += tab.pending
        else:
            tab.lost_tail = True

    def close(self, tab: Tab) -> None:
        self._note(tab, K.close)
        self._mark("blur", tab)
        self.flush(tab, keepalive=True)
        tab.counting = False

    # --- the recorder and its outbox ------------------------------------------------------------

    def flush(self, tab: Tab, *, keepalive: bool = False) -> None:
        if not tab.pending or (tab.sending and not keepalive):
            return
        batch = tab.pending[:_BATCH]
        sent = Stamp(tab.session_id, self._monotonic(tab) * 1000, self._wall())
        tab.sending = True
        if not self.online or self.rng.random() < 0.02:
            self._later(self.rng.uniform(0.1, _TIMEOUT), lambda: self._settle(tab, []))
            return
        latency = self.rng.uniform(0.02, 0.3)
        if self.rng.random() < 0.01:
            latency = self.rng.uniform(1.0, 25.0)
            self.slow += 1
        answered = self.rng.random() > 0.03
        self._later(latency, lambda: self._receive(batch, sent))
        self._later(latency + 0.05 if answered else _TIMEOUT, lambda: self._settle(tab, batch if answered else []))

    def _settle(self, tab: Tab, batch: list[Noted]) -> None:
        tab.sending = False
        if tab.alive and batch:
            done = {noted.number for noted in batch}
            tab.pending = [noted for noted in tab.pending if noted.number not in done]
            self.acknowledged |= done

    def _receive(self, batch: list[Noted], sent: Stamp) -> None:
        ages = ages_of(((n.number, Stamp(n.session_id, n.monotonic * 1000, n.wall)) for n in batch), sent)
        new = [noted for noted in batch if noted.number not in self.stored]
        if new and min(noted.true for noted in new) <= self.set_at:
            self.unplaced += self.now - min(noted.true for noted in new)
        for noted in new:
            self.heard[noted.session_id] = max(noted.true, self.heard.get(noted.session_id, 0.0))
            self.stored[noted.number] = Event(
                event_id=UUID(int=noted.number),
                order=len(self.stored),
                user_id=ANN,
                session_id=noted.session_id,
                video_id=VIDEO,
                masklet_id=noted.masklet_id,
                frame_index=0,
                phase=Phase.sam2,
                kind=noted.kind,
                seconds=noted.monotonic,
                received=BEGIN + timedelta(seconds=self.now),
                age=ages[noted.number].awake,
                slept=ages[noted.number].asleep,
                input_age=noted.input_age,
            )

    def _beat(self, tab: Tab) -> None:
        if tab.counting:
            age = None if tab.last_input is None else self._monotonic(tab) - tab.last_input
            self._note(tab, K.heartbeat, input_age=age)
            tab.last_input = None
        self.flush(tab)

    def _note(self, tab: Tab, kind: ActivityKind, *, input_age: float | None = None) -> None:
        self._numbers += 1
        self.now += 1e-4  # no two events at the same moment: the recorder's clock always moves
        monotonic, wall = self._monotonic(tab), self._wall()
        noted = Noted(self._numbers, tab.session_id, kind, tab.masklet_id, monotonic, wall, self.now, input_age)
        tab.pending.append(noted)
        tab.noted = wall

    def _answered(self, tab: Tab) -> None:
        if self.now < self.awake_at:
            self._later(self.awake_at - self.now + 0.01, lambda: self._answered(tab))
            return
        tab.waits -= 1
        if tab.alive and tab.waits == 0:
            self._mark("wait_end", tab)
            self._note(tab, K.wait_end)

    def _mark(self, what: str, tab: Tab | None) -> None:
        session = None if tab is None else tab.session_id
        self.marks.append(Mark(self.now, what, session, None if tab is None else tab.masklet_id))

    def _later(self, seconds: float, what: Callable[[], None]) -> None:
        self._numbers += 1
        heapq.heappush(self._due, (self.now + seconds, self._numbers, what))

    # --- the end --------------------------------------------------------------------------------

    def finish(self) -> None:
        """Everything is closed, the network is there, and what was left behind is sent by one more tab."""
        self.online = True
        for tab in self.tabs:
            if tab.alive:
                self.close(tab)
        self.advance(2 * _TIMEOUT)
        while self.orphans or any(tab.alive and tab.pending for tab in self.tabs):
            if self.orphans:
                self.open()
            self.advance(2 * _TIMEOUT)

    def lost_seconds(self) -> float:
        """How much of the truth nobody could know: what crashed tabs had not sent and did not keep."""
        return sum(
            tab.crashed_at - self.heard.get(tab.session_id, 0.0)
            for tab in self.tabs
            if tab.lost_tail and tab.crashed_at is not None
        )

    @property
    def truth(self) -> Truth:
        return Truth(self.marks)
