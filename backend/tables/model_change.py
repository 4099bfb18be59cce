"""The table of changes of projects' models."""

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table
from backend.tables.states import ModelChangeKind, state_type


class ModelChange(Table):
    """A change of a project's model. Null means the default model, whichever that is at the time."""

    __tablename__ = "model_changes"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)  # also the order
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    kind: Mapped[ModelChangeKind] = mapped_column(state_type(ModelChangeKind))
    before: Mapped[str | None]
    after: Mapped[str | None]
    tuning_id: Mapped[UUID | None] = mapped_column(ForeignKey("tunings.id", ondelete="SET NULL"))
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
