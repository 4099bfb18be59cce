"""The table of placements."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import Table


class TrackingPlacement(Table):
    """Where a video's tracking session is. Every backend reads it, so that all of them use the same session."""

    __tablename__ = "tracking_places"

    video_id: Mapped[UUID] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True)
    server: Mapped[str]  # the address of a model server
    model: Mapped[str | None]  # the project's model when it was placed; null: the server's default
    epoch: Mapped[int] = mapped_column(BigInteger)  # rises with every move; model servers reject an older one
    used_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
