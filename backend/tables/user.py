from uuid import UUID

from sqlalchemy.orm import Mapped

from backend.tables.base import CreatedAt, Table, UuidKey

LOCAL_OWNER_ID = UUID("00000000-0000-4000-8000-000000000001")  # the row the first migration makes


class User(Table):
    """A person. Until sign-in exists there is one: the machine's owner."""

    __tablename__ = "users"

    id: Mapped[UuidKey]
    name: Mapped[str]
    created_at: Mapped[CreatedAt]
