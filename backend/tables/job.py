"""The table of background jobs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey
from backend.tables.states import JobState, state_type


class Job(Table):
    """Background work as people see it. The queue itself is Procrastinate's."""

    __tablename__ = "jobs"

    id: Mapped[UuidKey]
    kind: Mapped[str]
    video_id: Mapped[UUID | None] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), index=True)
    export_id: Mapped[UUID | None] = mapped_column(ForeignKey("exports.id", ondelete="CASCADE"), index=True)
    tuning_id: Mapped[UUID | None] = mapped_column(ForeignKey("tunings.id", ondelete="CASCADE"), index=True)
    import_id: Mapped[UUID | None] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), index=True)
    state: Mapped[JobState] = mapped_column(state_type(JobState), default=JobState.queued)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    unit: Mapped[str] = mapped_column(default="frames")
    message: Mapped[str | None]
    problem: Mapped[dict[str, Any] | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
