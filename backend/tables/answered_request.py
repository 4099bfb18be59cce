"""The table of answered requests that ended somebody's work."""

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table


class AnsweredRequest(Table):
    """A request that ended a task or took a verdict back, by its idempotency key: sent again, it changes nothing."""

    __tablename__ = "answered_requests"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    video_id: Mapped[UUID] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    request_hash: Mapped[str]  # SHA-256 of the whole request in canonical form
    created_at: Mapped[CreatedAt]
