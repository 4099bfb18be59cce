"""The table of exports."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey


class Export(Table):
    """A dataset exported from a project. Its archive is an immutable object in the store."""

    __tablename__ = "exports"

    id: Mapped[UuidKey]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    format: Mapped[str]
    options: Mapped[dict[str, Any]]
    key: Mapped[str | None]
    expired: Mapped[bool] = mapped_column(
        default=False, server_default=text("false")
    )  # its file was deleted for its age
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    report: Mapped[dict[str, Any] | None]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
