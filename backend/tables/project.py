"""The table of projects."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey
from backend.tables.states import Phase, state_type

DEFAULT_STRIDE = 4
DEFAULT_LONG_SIDE = 1920


class Project(Table):
    """A set of videos that are annotated under one set of rules."""

    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint("stride >= 1", name="stride_positive"),
        CheckConstraint("long_side >= 64", name="long_side_at_least_64"),
        CheckConstraint("min_edited_frames >= 0", name="edited_frames_not_negative"),
        CheckConstraint(
            "val_percent >= 0 AND test_percent >= 0 AND val_percent + test_percent <= 100", name="shares_of_a_whole"
        ),
    )

    id: Mapped[UuidKey]
    name: Mapped[str]
    stride: Mapped[int] = mapped_column(default=DEFAULT_STRIDE)  # annotated frames are every stride-th frame
    long_side: Mapped[int] = mapped_column(default=DEFAULT_LONG_SIDE)  # pixels; the proxy is never larger
    phase: Mapped[Phase] = mapped_column(state_type(Phase), default=Phase.sam2)
    model: Mapped[str | None]  # a name from the model server's catalogue; null: its default
    select_first: Mapped[bool] = mapped_column(default=False, server_default="false")  # in a separate task
    separate_verifiers: Mapped[bool] = mapped_column(default=True, server_default="true")  # nobody verifies their own
    min_edited_frames: Mapped[int] = mapped_column(default=0, server_default="0")  # fewer are not exported
    needs_environment: Mapped[bool] = mapped_column(default=False, server_default="false")
    val_percent: Mapped[int] = mapped_column(default=0, server_default="0")  # of the sources of its videos
    test_percent: Mapped[int] = mapped_column(default=0, server_default="0")
    is_sample: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
