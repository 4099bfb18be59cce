"""The table of imports."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey
from backend.tables.states import ImportState, state_type


class ImportedDataset(Table):
    """A dataset that a person brings into a project: first read, then, if they say so, written.

    The file and what was read of it are objects in the store until the import has ended. The row and its masklets'
    provenance stay.
    """

    __tablename__ = "imports"

    id: Mapped[UuidKey]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    state: Mapped[ImportState] = mapped_column(state_type(ImportState), default=ImportState.received)
    file_name: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    format: Mapped[str | None]  # the reader's name; null until it was found out
    source_key: Mapped[str | None]
    content_key: Mapped[str | None]
    survey: Mapped[dict[str, Any] | None]  # what was read, without the masks
    matches: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # by a person, by video
    options: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    report: Mapped[dict[str, Any] | None]
    cancelled_at: Mapped[datetime | None]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[CreatedAt]
