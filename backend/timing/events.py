"""What derivation works on: activity events as stored, and what comes out of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from backend.tables.states import ActivityKind, Phase

IDLE_SECONDS = 30.0
IDLE_CHOICES = (15.0, 30.0, 100.0)  # totals are published at these, so that they can be compared (CVAT: 100 s)
HEARTBEAT_SECONDS = 5.0  # how often the front end's recorder says that somebody is still there
OLDEST_SECONDS = 7 * 24 * 3600.0  # what was kept offline for longer is taken to be this old
REVIEW_TOOL = "review"  # events of the review page: a verifier's time, not an annotator's


class Doing(StrEnum):
    """What a second was spent on. All four are seconds in which the page had the focus."""

    active = "active"
    waiting = "waiting"
    reviewing = "reviewing"
    idle = "idle"


@dataclass(frozen=True, slots=True)
class Event:
    """An activity event as stored.

    `seconds` is the browser's monotonic clock, `received` the server's. `age` is how long before it was sent the event
    happened by that clock, `slept` how long the computer seems to have slept since, as its browser says.
    """

    event_id: UUID
    order: int
    user_id: UUID
    session_id: UUID
    video_id: UUID
    masklet_id: UUID | None
    frame_index: int | None
    phase: Phase
    kind: ActivityKind
    seconds: float
    received: datetime
    age: float = 0.0
    slept: float = 0.0
    input_age: float | None = None  # a heartbeat's: how long ago the last input came; none since the one before
    verifying: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """What time is attributed to; no masklet means that none was selected."""

    video_id: UUID
    masklet_id: UUID | None
    frame_index: int | None
    phase: Phase
    verifying: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds of one kind, on the server's clock (since the epoch)."""

    start: float
    end: float
    doing: Doing
    key: Key
    user_id: UUID


@dataclass(frozen=True, slots=True)
class Gap:
    """The page had the focus when last heard of, and nothing vouches for what came then: sleep, a crash, a loss."""

    start: float
    end: float
    key: Key
    user_id: UUID


@dataclass(frozen=True, slots=True)
class Sitting:
    """From the first to the last event of a browser session: how long the task was open, looked at or not."""

    start: float
    end: float
    video_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class Derived:
    """All that follows from a log. Of one person, no two spans overlap."""

    spans: list[Span]
    gaps: list[Gap]
    sittings: list[Sitting]
