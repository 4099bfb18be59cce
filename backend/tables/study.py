"""The tables of studies and their arms."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey
from backend.tables.states import Phase, StudyState, state_type


class Study(Table):
    """The same objects, annotated by several people in several phases, none of whom sees another's work."""

    __tablename__ = "studies"

    id: Mapped[UuidKey]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    state: Mapped[StudyState] = mapped_column(state_type(StudyState), default=StudyState.draft)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class StudyArm(Table):
    """One selected object for one person in one phase. `masklet_id` is their own copy; null until the study starts."""

    __tablename__ = "study_arms"
    __table_args__ = (
        UniqueConstraint("study_id", "user_id", "selected_id"),
        UniqueConstraint("study_id", "user_id", "position"),
        CheckConstraint("position >= 0", name="position_not_negative"),
    )

    id: Mapped[UuidKey]
    study_id: Mapped[UUID] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"))
    selected_id: Mapped[UUID] = mapped_column(ForeignKey("masklets.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    phase: Mapped[Phase] = mapped_column(state_type(Phase))
    position: Mapped[int]  # 0-based, in this person's work
    masklet_id: Mapped[UUID | None] = mapped_column(ForeignKey("masklets.id", ondelete="CASCADE"), unique=True)
