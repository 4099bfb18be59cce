"""The table that keeps the review queue sorted."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import Table


class ReviewRank(Table):
    """The place of an unfinished verify task in its project's queue.

    Triggers of the database keep the rows: a task brings its rank and takes it along when it is done, and whatever
    changes a frame of the masklet makes the rank stale. Reading the queue works out what is stale.
    """

    __tablename__ = "review_ranks"
    __table_args__ = (
        Index("ix_review_ranks_order", "project_id", "trust", "video_name", "number", "masklet_id"),
        Index("ix_review_ranks_stale", "project_id", postgresql_where=text("stale")),
    )

    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True)
    masklet_id: Mapped[UUID] = mapped_column(ForeignKey("masklets.id", ondelete="CASCADE"), index=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    video_name: Mapped[str] = mapped_column(String(collation="C"))
    number: Mapped[int]  # of the masklet in its video
    trust: Mapped[float] = mapped_column(default=0.0, server_default="0")  # 1 - risk: all keys of the order rise
    stale: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
