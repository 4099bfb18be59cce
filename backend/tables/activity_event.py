"""The table of activity events: what people did, as recorded by their browsers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table
from backend.tables.states import ActivityKind, Phase, state_type


class ActivityEvent(Table):
    """One append-only row: who did what, when, on which masklet and frame.

    Seconds are derived from differences of `client_monotonic_ms` within one browser session, and capped by the server's
    times of receipt (`created_at`). A duration is never taken from a client. `age_seconds` is the time from the event
    to its sending, by the clock that stamped it; `slept_seconds` is the time in between that this clock missed. Both
    serve to place the event, and never add time.
    """

    __tablename__ = "activity_events"
    __table_args__ = (
        Index("ix_activity_events_video_order", "video_id", "order"),
        Index("ix_activity_events_user_created", "user_id", "created_at"),
    )

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    order: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    session_id: Mapped[UUID]  # the session of one browser tab
    video_id: Mapped[UUID] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id"))
    masklet_id: Mapped[UUID | None]
    frame_index: Mapped[int | None]
    source_pts: Mapped[int | None] = mapped_column(BigInteger)
    phase: Mapped[Phase] = mapped_column(state_type(Phase))
    tool: Mapped[str | None]
    kind: Mapped[ActivityKind] = mapped_column(state_type(ActivityKind))
    client_monotonic_ms: Mapped[float]
    client_time: Mapped[datetime]
    age_seconds: Mapped[float] = mapped_column(default=0.0, server_default="0")
    slept_seconds: Mapped[float] = mapped_column(default=0.0, server_default="0")
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[CreatedAt]
