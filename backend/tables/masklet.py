"""The table of masklets."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Seq, Table, UuidKey
from backend.tables.states import Origin, Phase, VerdictKind, WorkState, state_type


class Masklet(Table):
    """The masks of one object through one video."""

    __tablename__ = "masklets"
    __table_args__ = (
        UniqueConstraint("video_id", "number"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("version >= 1", name="version_from_one"),
        Index("ix_masklets_compacting", "id", postgresql_where=text("compacting")),
    )

    id: Mapped[UuidKey]
    video_id: Mapped[UUID] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]  # 1-based, never reused in a video
    name: Mapped[str]
    class_id: Mapped[UUID | None] = mapped_column(index=True)  # of the project's ontology
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # by id, then by frame
    phase: Mapped[Phase] = mapped_column(state_type(Phase))
    origin: Mapped[Origin] = mapped_column(state_type(Origin), default=Origin.manual)
    verdict: Mapped[VerdictKind | None] = mapped_column(state_type(VerdictKind))
    work: Mapped[WorkState] = mapped_column(
        state_type(WorkState), default=WorkState.annotating, server_default=WorkState.annotating.value
    )
    sealed_order: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # undo stops at this action
    import_id: Mapped[UUID | None] = mapped_column(ForeignKey("imports.id"), index=True)  # that made it
    participant_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))  # whose line; null: the common one
    version: Mapped[int] = mapped_column(default=1)  # the ETag; rises with every edit by a person
    deleted: Mapped[bool] = mapped_column(default=False)
    compacted_order: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # of the last such action
    compacted_version: Mapped[int | None]  # the version up to which its older masks were compacted
    compacting: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # not all are deleted yet
    seq: Mapped[Seq]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
