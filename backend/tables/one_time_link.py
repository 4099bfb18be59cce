"""The table of one-time links."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey
from backend.tables.states import LinkKind, Role, state_type


class OneTimeLink(Table):
    """A link for one person that works once: to choose a password, or to join a project."""

    __tablename__ = "one_time_links"
    __table_args__ = (
        CheckConstraint("(project_id IS NULL) = (role IS NULL)", name="role_in_a_project"),
        CheckConstraint("kind = 'invitation' OR user_id IS NOT NULL", name="password_of_somebody"),
    )

    id: Mapped[UuidKey]
    kind: Mapped[LinkKind] = mapped_column(state_type(LinkKind))
    token_sha256: Mapped[str] = mapped_column(unique=True)  # hexadecimal
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))  # whose password
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role | None] = mapped_column(state_type(Role))
    email: Mapped[str | None]  # whom it is made out to; the account made with it is found by this address
    note: Mapped[str]  # whom it is for, in its maker's words
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))  # null: made at the console
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]
