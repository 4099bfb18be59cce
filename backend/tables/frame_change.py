"""The table of what actions changed on each frame."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import Table


class FrameChange(Table):
    """What one action did to one frame's pointers, so that it can be undone and redone.

    Once the action is compacted the pointers are null, but for the mask that present prompts refine, and the tally of
    the input is kept (`InputTally`); before, the tally is null.
    """

    __tablename__ = "frame_changes"
    __table_args__ = (Index("ix_frame_changes_masklet_frame", "masklet_id", "frame_index"),)

    action_id: Mapped[UUID] = mapped_column(ForeignKey("actions.id", ondelete="CASCADE"), primary_key=True)
    masklet_id: Mapped[UUID] = mapped_column(ForeignKey("masklets.id", ondelete="CASCADE"), primary_key=True)
    frame_index: Mapped[int] = mapped_column(primary_key=True)
    before_mask_id: Mapped[UUID | None]
    after_mask_id: Mapped[UUID | None]
    before_prompts_id: Mapped[UUID | None]
    after_prompts_id: Mapped[UUID | None]
    mask_changed: Mapped[bool | None]
    new_clicks: Mapped[int | None]
    new_box: Mapped[bool | None]
