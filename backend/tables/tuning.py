"""The table of tunings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey
from backend.tables.states import TuningDecision, state_type


class Tuning(Table):
    """A model trained on a project's verified masklets, and its comparison with the model it started from."""

    __tablename__ = "tunings"
    __table_args__ = (CheckConstraint("num_steps >= 1", name="num_steps_positive"),)

    id: Mapped[UuidKey]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]  # of the new model, in the catalogue
    base_model: Mapped[str]  # the model that it starts from
    base_version: Mapped[str]
    base_reference: Mapped[str]  # its name, or the path of its weights if it is not in the catalogue
    num_steps: Mapped[int]
    training: Mapped[list[Any]]  # ids of the training videos
    held_out: Mapped[list[Any]]  # ids of the videos for comparison, which no tuning ever trains on
    num_masklets: Mapped[int]
    progress: Mapped[dict[str, Any] | None]  # as the training program last reported it
    version: Mapped[str | None]  # of the new model, once it is in the catalogue
    comparison: Mapped[list[Any] | None]  # measures of both models on the held-out videos
    cancelled_at: Mapped[datetime | None]
    decision: Mapped[TuningDecision | None] = mapped_column(state_type(TuningDecision))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
