"""The table of the audit trail."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table


class AuditEntry(Table):
    """Who changed what others depend on, and when. Rows are append-only, and outlive the objects they are about."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_project_order", "project_id", "order"),)

    order: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))  # null: at the console
    action: Mapped[str]  # noun.verb
    project_id: Mapped[UUID | None]  # no foreign key: the project may be deleted
    object_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[CreatedAt]
