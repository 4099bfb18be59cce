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
    by the server's own receipt times (`created_at`); no duration is ever taken from a client.
    """

    __tablename__ = "activity_events"
    __table_args__ = (Index("ix_activity_events_video_order", "video_id", "order"),)

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
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[CreatedAt]
