"""The table of signed-in browsers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey


class SignIn(Table):
    """A signed-in browser. Its cookie has the token; the table has only the token's SHA-256."""

    __tablename__ = "sign_ins"

    id: Mapped[UuidKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_sha256: Mapped[str] = mapped_column(unique=True)  # hexadecimal
    address: Mapped[str]  # of the client
    user_agent: Mapped[str]
    last_seen_at: Mapped[datetime]  # to the minute, so that not every request writes
    expires_at: Mapped[datetime]  # at the latest; it ends earlier if unused
    created_at: Mapped[CreatedAt]
