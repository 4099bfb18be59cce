"""Tell people apart: one form of logins and invited addresses, and the browsers that they have signed in with.

Revision ID: 0018
Revises: 0017
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("login_key", sa.String(), nullable=True))
    op.add_column("users", sa.Column("email", sa.String(), nullable=True))
    op.add_column("one_time_links", sa.Column("email", sa.String(), nullable=True))
    _fill_keys()
    op.drop_index(op.f("uq_users_login"), "users")
    op.create_index(op.f("uq_users_login"), "users", ["login_key"], unique=True)
    op.create_index(op.f("uq_users_email"), "users", ["email"], unique=True)
    op.create_table(
        "known_browsers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret_sha256", sa.String(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_known_browsers_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_browsers")),
    )
    op.create_index(op.f("ix_known_browsers_user_id"), "known_browsers", ["user_id"])


def downgrade() -> None:
    op.drop_table("known_browsers")
    op.drop_index(op.f("uq_users_email"), "users")
    op.drop_index(op.f("uq_users_login"), "users")
    op.create_index(op.f("uq_users_login"), "users", [sa.text("lower(login)")], unique=True)
    op.drop_column("one_time_links", "email")
    op.drop_column("users", "email")
    op.drop_column("users", "login_key")


def _fill_keys() -> None:
    """Give each login its key. Of two that differ in compatibility forms only, the older account keeps it."""
    connection = op.get_bind()
    taken: set[str] = set()
    rows = connection.execute(sa.text("SELECT id, login FROM users WHERE login IS NOT NULL ORDER BY created_at, id"))
    for user_id, login in rows.fetchall():
        key = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login.strip()).casefold())
        while key in taken:
            key += "'"
        taken.add(key)
        connection.execute(sa.text("UPDATE users SET login_key = :key WHERE id = :id"), {"key": key, "id": user_id})
