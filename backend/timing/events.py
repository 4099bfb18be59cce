"""The input and output of `derivation`: stored activity events, and the spans derived from them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from backend.tables.states import ActivityKind, Phase

IDLE_SECONDS = 30.0
IDLE_CHOICES = (15.0, 30.0, 100.0)  # totals are published at these limits for comparison (CVAT: 100 s)
HEARTBEAT_SECONDS = 5.0  # the interval at which the front end reports that somebody is still there
OLDEST_SECONDS = 7 * 24 * 3600.0  # events kept offline for longer are treated as this old
REVIEW_TOOL = "review"  # events of the review page: a verifier's time, not an annotator's


class Doing(StrEnum):
    """What a second was spent on. The page had the focus in all four cases."""

    active = "active"
    waiting = "waiting"
    reviewing = "reviewing"
    idle = "idle"


@dataclass(frozen=True, slots=True)
class Event:
    """An activity event as stored.

    `seconds` is on the browser's monotonic clock, `received` on the server's. `age` is the time from the event to its
    sending, in seconds of the monotonic clock; `slept` is how long the computer seems to have slept in between.
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
    input_age: float | None = None  # of a heartbeat: seconds since the last input; None if there was no new input
    verifying: bool = False


class Key(NamedTuple):
    """What time is attributed to. Masklet None means that none was selected."""

    video_id: UUID
    masklet_id: UUID | None
    frame_index: int | None
    phase: Phase
    verifying: bool = False


class Span(NamedTuple):
    """A stretch of one kind of time, in seconds since the epoch on the server's clock.

    A tuple, because a large project has hundreds of thousands, and those are made in a tenth of the time.
    """

    start: float
    end: float
    doing: Doing
    key: Key
    user_id: UUID


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch after a focused page fell silent, for which no event vouches: sleep, a crash, or lost events."""

    start: float
    end: float
    key: Key
    user_id: UUID


@dataclass(frozen=True, slots=True)
class Sitting:
    """A browser session from its first to its last event: the time in which the video was open, looked at or not."""

    start: float
    end: float
    video_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class Derived:
    """Everything derived from a log. No two spans of one person overlap."""

    spans: list[Span]
    gaps: list[Gap]
    sittings: list[Sitting]
