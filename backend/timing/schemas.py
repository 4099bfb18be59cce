"""Activity events and annotation time in the API."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from backend.db.text import STORABLE
from backend.tables.states import ActivityKind, Phase

MAX_EVENTS = 500
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
JsonText = Annotated[str, Field(max_length=200), STORABLE]
Milliseconds = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
ClientTime = Annotated[AwareDatetime, Field(ge=_EARLIEST, le=_LATEST)]
JsonScalar = bool | Annotated[float, Field(allow_inf_nan=False)] | JsonText | None


class ActivityEventCreate(BaseModel):
    """One thing a person did, as their browser saw it. It carries no duration: seconds are derived here."""

    model_config = ConfigDict(extra="forbid")

    event_id: UUID
    session_id: UUID = Field(description="One browser tab's sitting; its monotonic clock never runs backwards.")
    video_id: UUID
    masklet_id: UUID | None = None
    frame_index: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    phase: Phase
    tool: Annotated[str, Field(max_length=40), STORABLE] | None = None
    kind: ActivityKind
    client_monotonic_ms: Milliseconds
    client_time: ClientTime
    payload: Annotated[dict[JsonText, JsonScalar], Field(max_length=32)] = {}


class ActivitySent(BaseModel):
    """The clocks of the tab that sends a batch, at the moment it does."""

    model_config = ConfigDict(extra="forbid")

    session_id: UUID
    client_monotonic_ms: Milliseconds
    client_time: ClientTime


class ActivityBatch(BaseModel):
    model_config = ConfigDict(extra="forbid")

    events: list[ActivityEventCreate] = Field(max_length=MAX_EVENTS)
    sent: ActivitySent | None = Field(
        default=None,
        description="Says how old each event is. Without it the latest event of every session has just happened.",
    )


class ActivityAccepted(BaseModel):
    """What became of a batch. Nothing of it needs to be sent again."""

    accepted: int
    known: int = Field(description="Had been stored before.")
    refused: int = Field(description="About a video, masklet or frame that does not exist, or is not yours.")


class MaskletTimingRead(BaseModel):
    """Seconds a masklet took, and what was done in them."""

    masklet_id: UUID
    active_seconds: float
    waiting_seconds: float = Field(description="Blocked on a model reply; part of annotation time, shown apart.")
    reviewing_seconds: float = Field(description="Playing or stepping since the last edit; part of annotation time.")
    verifying_seconds: float = Field(description="Of people who judged it on the review page; not annotation time.")
    shared_seconds: float = Field(description="Its share of the time with no masklet selected.")
    annotated_frames: int = Field(description="Frames of the annotation grid that have a mask.")
    edited_frames: int = Field(description="Of those, the ones a person changed.")
    clicks: int = Field(description="Points in its current prompts; boxes and brush strokes are not clicks.")
    seconds_per_frame: float | None = Field(description="Annotation time (with its share) / annotated frames.")


class IdleTotal(BaseModel):
    """Annotation time at one idle limit: how little depends on the choice."""

    idle_seconds: float
    annotation_seconds: float


class GapRead(BaseModel):
    """A time for which nobody vouches: the computer slept, the browser crashed, events were lost. It counts nowhere."""

    started_at: datetime
    seconds: float


class VideoTimingRead(BaseModel):
    """Annotation time of one video, by masklet. Annotation time is active, waiting and reviewing while annotating."""

    idle_seconds: float = Field(description="Input older than this no longer counts as active.")
    first_event_at: datetime | None
    open_seconds: float = Field(description="How long it was open, looked at or not.")
    focused_seconds: float = Field(description="Of these, with the page in front of somebody, idle or not.")
    annotation_seconds: float
    at_idle: list[IdleTotal]
    gaps: list[GapRead]
    shared_seconds: float = Field(description="Annotation time with no masklet selected, split among them.")
    verifying_seconds: float
    masklets: list[MaskletTimingRead]
