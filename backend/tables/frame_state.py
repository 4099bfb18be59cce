"""The table of each frame's current mask and prompts."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import Seq, Table


class FrameState(Table):
    """The present state of a masklet on a frame: pointers to its current mask and prompts, and its lock.

    No row, or two null pointers, means unknown. Undo and redo only move pointers and change locks.
    """

    __tablename__ = "frame_states"
    __table_args__ = (
        Index("ix_frame_states_video_seq", "video_id", "seq"),
        Index("ix_frame_states_locked", "masklet_id", "frame_index", postgresql_where=text("locked")),
    )

    masklet_id: Mapped[UUID] = mapped_column(ForeignKey("masklets.id", ondelete="CASCADE"), primary_key=True)
    frame_index: Mapped[int] = mapped_column(primary_key=True)
    video_id: Mapped[UUID] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    mask_id: Mapped[UUID | None]
    prompt_set_id: Mapped[UUID | None] = mapped_column(ForeignKey("prompt_sets.id", ondelete="CASCADE"))
    locked: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # nothing may change the mask
    seq: Mapped[Seq]
