"""Add imports, the masklets they make, and masks that were imported."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_SOURCES = ("prompted", "propagated", "edited", "absent", "automatic")
_KINDS = (
    "create_masklet",
    "delete_masklet",
    "prompt",
    "edit_mask",
    "clear_frame",
    "propagate",
    "copy",
    "lock_frames",
)
_STATES = ("received", "ready", "writing", "done", "undone", "failed")


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=True),
        sa.Column("source_key", sa.String(), nullable=True),
        sa.Column("content_key", sa.String(), nullable=True),
        sa.Column("survey", postgresql.JSONB(), nullable=True),
        sa.Column("matches", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("options", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("report", postgresql.JSONB(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(sa.column("state").in_(_STATES), name=op.f("ck_imports_importstate")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_imports_project_id_projects"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_imports_created_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(op.f("ix_imports_project_id"), "imports", ["project_id"])
    op.add_column("masklets", sa.Column("import_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_masklets_import_id_imports"), "masklets", "imports", ["import_id"], ["id"])
    op.create_index(op.f("ix_masklets_import_id"), "masklets", ["import_id"])
    op.add_column("jobs", sa.Column("import_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_jobs_import_id_imports"), "jobs", "imports", ["import_id"], ["id"], ondelete="CASCADE"
    )
    op.create_index(op.f("ix_jobs_import_id"), "jobs", ["import_id"])
    _allow("frame_masks", "source", op.f("ck_frame_masks_masksource"), (*_SOURCES, "imported"))
    _allow("actions", "kind", op.f("ck_actions_actionkind"), (*_KINDS, "import_masklet"))


def downgrade() -> None:
    op.execute("DELETE FROM masklets WHERE import_id IS NOT NULL")
    op.execute("DELETE FROM jobs WHERE import_id IS NOT NULL")
    _allow("frame_masks", "source", op.f("ck_frame_masks_masksource"), _SOURCES)
    _allow("actions", "kind", op.f("ck_actions_actionkind"), _KINDS)
    op.drop_column("jobs", "import_id")
    op.drop_column("masklets", "import_id")
    op.drop_table("imports")


def _allow(table: str, column: str, name: str, words: tuple[str, ...]) -> None:
    op.drop_constraint(name, table)
    op.create_check_constraint(name, table, sa.column(column).in_(words))
