"""The table of people."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey

LOCAL_OWNER_ID = UUID("00000000-0000-4000-8000-000000000001")  # of the row that the first migration makes


class User(Table):
    """A person. The machine's owner exists from the beginning, and becomes the first administrator."""

    __tablename__ = "users"
    __table_args__ = (
        Index("uq_users_login", text("lower(login)"), unique=True),
        CheckConstraint("login <> ''", name="login_not_empty"),
    )

    id: Mapped[UuidKey]
    name: Mapped[str]
    login: Mapped[str | None]  # a name or an e-mail address; null: nobody can sign in as this person
    password_hash: Mapped[str | None]
    is_admin: Mapped[bool] = mapped_column(default=False, server_default="false")  # of the whole site
    disabled: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[CreatedAt]
