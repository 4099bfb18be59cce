"""Browsers that are signed in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey


class SignIn(Table):
    """A browser that is signed in. Its cookie holds the token, we hold only the token's SHA-256."""

    __tablename__ = "sign_ins"

    id: Mapped[UuidKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)  # hexadecimal
    address: Mapped[str]  # of the client, as the server saw it
    user_agent: Mapped[str]
    last_seen_at: Mapped[datetime]  # to the minute: not every request writes
    expires_at: Mapped[datetime]  # whatever happens; unused ones end earlier
    created_at: Mapped[CreatedAt]
