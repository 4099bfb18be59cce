"""The table of what actions changed about a masklet's work and verdict."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import Table
from backend.tables.states import VerdictKind, WorkState, state_type


class WorkChange(Table):
    """The work state and the verdict that one action took from a masklet, so that undo can bring them back."""

    __tablename__ = "work_changes"
    __table_args__ = (Index("ix_work_changes_masklet_id", "masklet_id"),)

    action_id: Mapped[UUID] = mapped_column(ForeignKey("actions.id", ondelete="CASCADE"), primary_key=True)
    masklet_id: Mapped[UUID] = mapped_column(ForeignKey("masklets.id", ondelete="CASCADE"), primary_key=True)
    before_work: Mapped[WorkState] = mapped_column(state_type(WorkState))
    before_verdict: Mapped[VerdictKind | None] = mapped_column(state_type(VerdictKind))
