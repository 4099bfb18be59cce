"""The table of prompt sets."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey


class PromptSet(Table):
    """All clicks and the box on one frame, as one append-only revision, in pixels of the video of record.

    One that the model failed at too often is set aside: it has a `problem`, and is not asked again.
    """

    __tablename__ = "prompt_sets"
    __table_args__ = (
        CheckConstraint("frame_index >= 0", name="frame_index_not_negative"),
        CheckConstraint("candidate BETWEEN 0 AND 2", name="candidate_is_a_reading"),
    )

    id: Mapped[UuidKey]
    masklet_id: Mapped[UUID] = mapped_column(ForeignKey("masklets.id", ondelete="CASCADE"), index=True)
    frame_index: Mapped[int]
    clicks: Mapped[list[Any]]
    box: Mapped[dict[str, Any] | None]
    candidate: Mapped[int | None] = mapped_column(SmallInteger)  # which candidate of the first click was chosen
    failures: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # of the model at this prompt set
    problem: Mapped[dict[str, Any] | None]  # why it was set aside, as a body of RFC 9457
    action_id: Mapped[UUID] = mapped_column(ForeignKey("actions.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[CreatedAt]
