"""The table of API tokens."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey


class ApiToken(Table):
    """A token with which a program acts for a person, within a scope, until it expires."""

    __tablename__ = "api_tokens"

    id: Mapped[UuidKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    prefix: Mapped[str]  # its first characters, by which a person recognises it
    token_sha256: Mapped[str] = mapped_column(unique=True)  # hexadecimal
    scope: Mapped[list[Any]]  # permissions, as words
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]  # to the minute
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
