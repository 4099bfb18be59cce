"""What people did, as their browsers saw it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table
from backend.tables.states import ActivityKind, Phase, state_type


class ActivityEvent(Table):
    """One append-only row of who did what, when, on which masklet and frame.

    Seconds are derived from `client_monotonic_ms` differences within one browser session and capped
    by the server's own receipt times (`created_at`); no duration is ever taken from a client. `age_seconds` is how
    long before it was sent the event happened, by the clock that stamped it, `slept_seconds` what that clock did not
    see pass meanwhile: they place, and never add.
    """

    __tablename__ = "activity_events"
    __table_args__ = (
        Index("ix_activity_events_video_order", "video_id", "order"),
        Index("ix_activity_events_user_created", "user_id", "created_at"),
    )

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    order: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    session_id: Mapped[UUID]  # one browser tab's sitting
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
