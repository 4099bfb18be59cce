"""The table of what actions changed about frame locks."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import Table


class LockChange(Table):
    """A frame that one action locked or unlocked, so that it can be undone and redone."""

    __tablename__ = "lock_changes"
    __table_args__ = (Index("ix_lock_changes_masklet_id", "masklet_id"),)

    action_id: Mapped[UUID] = mapped_column(ForeignKey("actions.id", ondelete="CASCADE"), primary_key=True)
    masklet_id: Mapped[UUID] = mapped_column(ForeignKey("masklets.id", ondelete="CASCADE"), primary_key=True)
    frame_index: Mapped[int] = mapped_column(primary_key=True)
    locked: Mapped[bool]  # the state after the action
