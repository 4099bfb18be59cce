"""The table of what actions changed about what is said of masklets."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import Table


class DescriptionChange(Table):
    """The class and the values that one action set, as they were before and after, so that it can be undone and redone.

    `class_id` is in both if the action set the class; `attributes` has the whole timelines of those it set.
    """

    __tablename__ = "description_changes"
    __table_args__ = (Index("ix_description_changes_masklet_id", "masklet_id"),)

    action_id: Mapped[UUID] = mapped_column(ForeignKey("actions.id", ondelete="CASCADE"), primary_key=True)
    masklet_id: Mapped[UUID] = mapped_column(ForeignKey("masklets.id", ondelete="CASCADE"), primary_key=True)
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
