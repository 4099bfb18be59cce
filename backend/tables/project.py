from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey
from backend.tables.states import Phase, state_type


class Project(Table):
    """A set of videos annotated under one set of rules."""

    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint("stride >= 1", name="stride_positive"),
        CheckConstraint("long_side >= 64", name="long_side_at_least_64"),
    )

    id: Mapped[UuidKey]
    name: Mapped[str]
    stride: Mapped[int] = mapped_column(default=4)  # annotated frames are every stride-th frame
    long_side: Mapped[int] = mapped_column(default=1920)  # pixels; the proxy is never larger
    phase: Mapped[Phase] = mapped_column(state_type(Phase), default=Phase.sam2)
    model: Mapped[str | None]  # a name of the model server's catalogue; null: its default
    is_sample: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
