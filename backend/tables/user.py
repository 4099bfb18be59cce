"""The table of people."""

import unicodedata
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column, validates

from backend.tables.base import CreatedAt, Table, UuidKey

LOCAL_OWNER_ID = UUID("00000000-0000-4000-8000-000000000001")  # of the row that the first migration makes


def login_key(login: str) -> str:
    """The form in which logins and e-mail addresses are compared: compatibility forms and case make no difference."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login.strip()).casefold())


class User(Table):
    """A person. The machine's owner exists from the beginning, and becomes the first administrator."""

    __tablename__ = "users"
    __table_args__ = (
        Index("uq_users_login", "login_key", unique=True),
        Index("uq_users_email", "email", unique=True),
        CheckConstraint("login <> ''", name="login_not_empty"),
    )

    id: Mapped[UuidKey]
    name: Mapped[str]
    login: Mapped[str | None]  # a name or an e-mail address; null: nobody can sign in as this person
    login_key: Mapped[str | None]  # `login_key(login)`, by which it is found
    email: Mapped[str | None]  # `login_key` of the address the account was invited with; who proves it may sign in
    password_hash: Mapped[str | None]
    is_admin: Mapped[bool] = mapped_column(default=False, server_default="false")  # of the whole site
    disabled: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[CreatedAt]

    @validates("login")
    def _find_by_key(self, _name: str, login: str | None) -> str | None:
        self.login_key = None if login is None else login_key(login)
        return login
