"""Bodies of requests and responses about activity events and annotation time."""

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
JsonScalar = bool | Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False)] | JsonText | None


class ActivityEventCreate(BaseModel):
    """One thing that a person did, as recorded by their browser. It has no duration; the backend derives seconds."""

    model_config = ConfigDict(extra="forbid")

    event_id: UUID
    session_id: UUID = Field(description="The session of one browser tab, whose monotonic clock never runs backwards.")
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
    """The clocks of the tab that sends a batch, at the moment of sending."""

    model_config = ConfigDict(extra="forbid")

    session_id: UUID
    client_monotonic_ms: Milliseconds
    client_time: ClientTime


class ActivityBatch(BaseModel):
    model_config = ConfigDict(extra="forbid")

    events: list[ActivityEventCreate] = Field(max_length=MAX_EVENTS)
    sent: ActivitySent | None = Field(
        default=None,
        description="Tells how old each event is. Without it, the latest event of every session has just happened.",
    )


class ActivityAccepted(BaseModel):
    """The outcome of a batch. None of its events needs to be sent again."""

    accepted: int
    known: int = Field(description="Events that had been stored before.")
    refused: int = Field(description="Events about a video, masklet or frame that does not exist or is not yours.")


class MaskletTimingRead(BaseModel):
    """The seconds that a masklet took, and the work done in them."""

    masklet_id: UUID
    active_seconds: float
    waiting_seconds: float = Field(description="Blocked on a model reply; part of annotation time.")
    reviewing_seconds: float = Field(description="Playing or stepping since the last edit; part of annotation time.")
    verifying_seconds: float = Field(description="Verifiers' time on the review page; not part of annotation time.")
    shared_seconds: float = Field(description="Its share of the time with no masklet selected.")
    annotated_frames: int = Field(description="Frames of the annotation grid that have a mask, imported ones aside.")
    edited_frames: int = Field(description="Those that a person changed.")
    clicks: int = Field(description="Points in its current prompts; boxes and brush strokes are not clicks.")
    seconds_per_frame: float | None = Field(description="Annotation time (with its share) / annotated frames.")


class IdleTotal(BaseModel):
    """Annotation time at one idle limit, to show how much the choice matters."""

    idle_seconds: float
    annotation_seconds: float


class GapRead(BaseModel):
    """Time that no event vouches for: the computer slept, the browser crashed, or events were lost. It never counts."""

    started_at: datetime
    seconds: float


class VideoTimingRead(BaseModel):
    """Annotation time of one video, by masklet: active, waiting and reviewing seconds of annotators."""

    sees_everyone: bool = Field(description="False if these are your own seconds only.")
    idle_seconds: float = Field(description="The idle limit: time counts as active for this long after an input.")
    first_event_at: datetime | None
    open_seconds: float = Field(description="How long the video was open, looked at or not.")
    focused_seconds: float = Field(description="Time in which the page had the focus, idle or not.")
    annotation_seconds: float
    at_idle: list[IdleTotal]
    gaps: list[GapRead]
    shared_seconds: float = Field(description="Annotation time with no masklet selected, shared among the masklets.")
    verifying_seconds: float
    masklets: list[MaskletTimingRead]
