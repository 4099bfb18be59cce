"""Tunings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey
from backend.tables.states import TuningDecision, state_type


class Tuning(Table):
    """One turn of the retraining loop: a model trained on what was verified in a project, and how it compares."""

    __tablename__ = "tunings"
    __table_args__ = (CheckConstraint("num_steps >= 1", name="num_steps_positive"),)

    id: Mapped[UuidKey]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]  # what the new model is called in the catalogue
    base_model: Mapped[str]  # the model it starts from
    base_version: Mapped[str]
    base_reference: Mapped[str]  # its name, or the path of its weights where it is not of the catalogue
    num_steps: Mapped[int]
    training: Mapped[list[Any]]  # ids of the videos it learns from
    held_out: Mapped[list[Any]]  # ids of those it is judged by: never trained on, also not later
    num_masklets: Mapped[int]
    progress: Mapped[dict[str, Any] | None]  # the training program's last word
    version: Mapped[str | None]  # of the new model, once it is in the catalogue
    comparison: Mapped[list[Any] | None]  # measures of both models on the held-out videos
    cancelled_at: Mapped[datetime | None]
    decision: Mapped[TuningDecision | None] = mapped_column(state_type(TuningDecision))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
