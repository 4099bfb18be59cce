"""The table of tasks and their leases."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey
from backend.tables.states import Phase, TaskKind, TaskOutcome, TaskState, state_type


class Task(Table):
    """One person's piece of work on one video, or on one masklet of it, in one phase.

    A claimed task is leased: the assignee holds it until `lease_until`, by the database's clock, and their writes carry
    `epoch`, which rises whenever the task changes hands. An open task with an assignee is reserved for that person,
    until `reserved_until` if that is set.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint(
            "state <> 'claimed' OR (assignee_id IS NOT NULL AND lease_until IS NOT NULL)", name="claimed_by_somebody"
        ),
        CheckConstraint("(state = 'done') = (finished_at IS NOT NULL)", name="finished_when_done"),
        Index("ix_tasks_waiting", "state", "priority", "created_at"),
    )

    id: Mapped[UuidKey]
    video_id: Mapped[UUID] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), index=True)
    masklet_id: Mapped[UUID | None] = mapped_column(ForeignKey("masklets.id", ondelete="CASCADE"), index=True)
    kind: Mapped[TaskKind] = mapped_column(state_type(TaskKind))
    phase: Mapped[Phase] = mapped_column(state_type(Phase))
    state: Mapped[TaskState] = mapped_column(state_type(TaskState), default=TaskState.open)
    priority: Mapped[int] = mapped_column(default=0, server_default="0")  # higher comes first
    position: Mapped[int] = mapped_column(default=0, server_default="0")  # in a participant's work, from 0
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    reserved_until: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    epoch: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[TaskOutcome | None] = mapped_column(state_type(TaskOutcome))
    reason: Mapped[str | None]  # why it came back, why a verdict is contested, or why the video was rejected
    frame_index: Mapped[int | None]  # where to begin: the frame that the verdict was about
    finished_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
