"""The table of browsers that people have signed in with before."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey


class KnownBrowser(Table):
    """A browser in which somebody has signed in. It opens nothing: wrong passwords there are counted apart."""

    __tablename__ = "known_browsers"

    id: Mapped[UuidKey]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    secret_sha256: Mapped[str]  # hexadecimal; the secret is in a cookie
    last_used_at: Mapped[datetime]
    created_at: Mapped[CreatedAt]
