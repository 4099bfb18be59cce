from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey
from backend.tables.states import Phase, TaskKind, TaskState, state_type


class Task(Table):
    """One person's piece of work on one video (or one masklet of it) in one phase."""

    __tablename__ = "tasks"

    id: Mapped[UuidKey]
    video_id: Mapped[UUID] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), index=True)
    masklet_id: Mapped[UUID | None] = mapped_column(ForeignKey("masklets.id", ondelete="CASCADE"), index=True)
    kind: Mapped[TaskKind] = mapped_column(state_type(TaskKind))
    phase: Mapped[Phase] = mapped_column(state_type(Phase))
    state: Mapped[TaskState] = mapped_column(state_type(TaskState), default=TaskState.open)
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    epoch: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
