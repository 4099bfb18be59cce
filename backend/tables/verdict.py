"""The table of verdicts."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey
from backend.tables.states import VerdictKind, state_type


class Verdict(Table):
    """A verifier's decision on a masklet at a version. The latest one that was not withdrawn counts."""

    __tablename__ = "verdicts"

    id: Mapped[UuidKey]
    masklet_id: Mapped[UUID] = mapped_column(ForeignKey("masklets.id", ondelete="CASCADE"), index=True)
    masklet_version: Mapped[int]
    verdict: Mapped[VerdictKind] = mapped_column(state_type(VerdictKind))
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    note: Mapped[str | None]
    frame_index: Mapped[int | None]  # where the verifier saw what is wrong
    verifier_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    withdrawn: Mapped[bool] = mapped_column(default=False)
    idempotency_key: Mapped[UUID] = mapped_column(unique=True)
    created_at: Mapped[CreatedAt]
