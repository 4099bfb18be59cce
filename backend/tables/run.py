"""The table of propagations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Uuid

from backend.tables.base import CreatedAt, Seq, Table, UuidKey
from backend.tables.states import Direction, RunState, state_type


class Run(Table):
    """One propagation: its range, its progress, and the epoch of its driver's claim.

    An object that was changed or deleted on the way stays among `masklet_ids`, whose masks undo takes back, and is also
    in `left_out`; one that could not be carried from the beginning is in `left_out` alone.
    """

    __tablename__ = "runs"
    __table_args__ = (
        CheckConstraint("first_frame <= start_frame AND start_frame <= last_frame", name="start_within_range"),
    )

    id: Mapped[UuidKey]
    video_id: Mapped[UUID] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), index=True)
    action_id: Mapped[UUID] = mapped_column(ForeignKey("actions.id", ondelete="CASCADE"), index=True)
    masklet_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    left_out: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # problems by masklet
    direction: Mapped[Direction] = mapped_column(state_type(Direction))
    start_frame: Mapped[int]
    first_frame: Mapped[int]
    last_frame: Mapped[int]
    state: Mapped[RunState] = mapped_column(state_type(RunState), default=RunState.queued, index=True)
    done: Mapped[int] = mapped_column(default=0)  # (masklet, frame) results stored
    total: Mapped[int]
    epoch: Mapped[int] = mapped_column(default=0)  # writers with an older epoch are rejected
    clean_under: Mapped[int] = mapped_column(default=0, server_default="0")  # smaller holes and pieces are removed
    driven_until: Mapped[datetime | None]  # the end of the driver's claim, by the database's clock
    frames_per_second: Mapped[float | None]  # the current pace, while it is running
    problem: Mapped[dict[str, Any] | None]
    model_version: Mapped[str | None]
    seq: Mapped[Seq]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    @property
    def carried_ids(self) -> list[UUID]:
        """The masklets that it still carries, or carried to the end."""
        return [masklet_id for masklet_id in self.masklet_ids if str(masklet_id) not in self.left_out]
