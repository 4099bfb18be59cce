"""The table of searches for automatic masklets."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey


class AutoLabeling(Table):
    """One search for automatic masklets in one video: its options and its progress."""

    __tablename__ = "auto_labelings"

    id: Mapped[UuidKey]  # the client's idempotency key, if the search is of one video
    video_id: Mapped[UUID] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), index=True)
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"), index=True)
    options: Mapped[dict[str, Any]]  # as requested; null values are filled in when the work begins
    steps: Mapped[list[Any]]  # one per searched key frame: {frame, found, masklets, run}
    cancelled_at: Mapped[datetime | None]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
