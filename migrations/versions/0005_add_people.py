"""Add accounts: who may sign in, each person's role per project, and an audit trail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_OWNER = "00000000-0000-4000-8000-000000000001"
_ROLES = ("manager", "annotator", "verifier", "viewer")
_TABLES = ("audit_entries", "identities", "one_time_links", "api_tokens", "sign_in_attempts", "sign_ins", "memberships")


def upgrade() -> None:
    _let_users_sign_in()
    _create_memberships()
    _create_sign_ins()
    _create_api_tokens()
    _create_links_and_identities()
    _create_audit_entries()


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
    op.execute("DROP FUNCTION maskloom_refuse_change()")
    op.drop_index("uq_users_login", "users")
    op.drop_constraint(op.f("ck_users_login_not_empty"), "users", type_="check")
    for column in ("disabled", "is_admin", "password_hash", "login"):
        op.drop_column("users", column)


def _let_users_sign_in() -> None:
    op.add_column("users", sa.Column("login", sa.String(), nullable=True))
    op.add_column("users", sa.Column("password_hash", sa.String(), nullable=True))
    op.add_column("users", sa.Column("is_admin", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("users", sa.Column("disabled", sa.Boolean(), server_default="false", nullable=False))
    op.create_check_constraint(op.f("ck_users_login_not_empty"), "users", "login <> ''")
    op.execute("CREATE UNIQUE INDEX uq_users_login ON users (lower(login))")
    op.execute(f"UPDATE users SET is_admin = true WHERE id = '{_OWNER}'")


def _create_memberships() -> None:
    op.create_table(
        "memberships",
        _reference("project_id", "projects", cascade=True),
        _reference("user_id", "users"),
        _role(nullable=False),
        _created_at(),
        sa.PrimaryKeyConstraint("project_id", "user_id"),
    )
    op.create_index("ix_memberships_user_id", "memberships", ["user_id"])
    op.execute("INSERT INTO memberships (project_id, user_id, role) SELECT id, created_by, 'manager' FROM projects")


def _create_sign_ins() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        _reference("user_id", "users", cascade=True),
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("user_agent", sa.String(), nullable=False),
        sa.Column("last_seen_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        _created_at(),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_sha256"),
    )
    op.create_index("ix_sign_ins_user_id", "sign_ins", ["user_id"])
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("login_sha256", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        _created_at(),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sign_in_attempts_login", "sign_in_attempts", ["login_sha256", "created_at"])
    op.create_index("ix_sign_in_attempts_address", "sign_in_attempts", ["address", "created_at"])


def _create_api_tokens() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        _reference("user_id", "users", cascade=True),
        _reference("project_id", "projects", cascade=True, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("token_sha256", sa.String(), nullable=False),
        sa.Column("scope", postgresql.JSONB(), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("last_used_at", _TIME, nullable=True),
        sa.Column("revoked_at", _TIME, nullable=True),
        _created_at(),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_sha256"),
    )
    op.create_index("ix_api_tokens_user_id", "api_tokens", ["user_id"])
    op.create_index("ix_api_tokens_project_id", "api_tokens", ["project_id"])


def _create_links_and_identities() -> None:
    op.create_table(
        "one_time_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", _words("linkkind", ("administrator", "password", "invitation")), nullable=False),
        sa.Column("token_sha256", sa.String(), nullable=False),
        _reference("user_id", "users", cascade=True, nullable=True),
        _reference("project_id", "projects", cascade=True, nullable=True),
        _role(nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        _reference("created_by", "users", nullable=True),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("used_at", _TIME, nullable=True),
        _reference("used_by", "users", nullable=True),
        sa.Column("revoked_at", _TIME, nullable=True),
        _created_at(),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_sha256"),
        sa.CheckConstraint("(project_id IS NULL) = (role IS NULL)", name="role_in_a_project"),
        sa.CheckConstraint("kind = 'invitation' OR user_id IS NOT NULL", name="password_of_somebody"),
    )
    op.create_index("ix_one_time_links_project_id", "one_time_links", ["project_id"])
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        _reference("user_id", "users", cascade=True),
        _created_at(),
        sa.PrimaryKeyConstraint("issuer", "subject"),
    )
    op.create_index("ix_identities_user_id", "identities", ["user_id"])


def _create_audit_entries() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("order", sa.BigInteger(), sa.Identity(), nullable=False),
        _reference("actor_id", "users", nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        _created_at(),
        sa.PrimaryKeyConstraint("order"),
    )
    op.create_index("ix_audit_entries_project_order", "audit_entries", ["project_id", "order"])
    op.execute(
        "CREATE FUNCTION maskloom_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries"
        " FOR EACH STATEMENT EXECUTE FUNCTION maskloom_refuse_change()"
    )


def _reference(name: str, table: str, *, cascade: bool = False, nullable: bool = False) -> sa.Column[object]:
    target = sa.ForeignKey(f"{table}.id", ondelete="CASCADE" if cascade else None)
    return sa.Column(name, sa.Uuid(), target, nullable=nullable)


def _created_at() -> sa.Column[object]:
    return sa.Column("created_at", _TIME, server_default=sa.text("now()"), nullable=False)


def _role(*, nullable: bool) -> sa.Column[object]:
    return sa.Column("role", _words("role", _ROLES), nullable=nullable)


def _words(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, native_enum=False, create_constraint=True, length=32, name=name)
