from sqlalchemy.orm import Mapped

from backend.tables.base import CreatedAt, Table, UuidKey


class User(Table):
    """A person. Until sign-in exists there is one: the machine's owner."""

    __tablename__ = "users"

    id: Mapped[UuidKey]
    name: Mapped[str]
    created_at: Mapped[CreatedAt]
