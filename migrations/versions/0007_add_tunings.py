"""Add tunings, which train models on verified masklets, and a record of every change of a project's model."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_tunings()
    op.create_table(
        "model_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.Column("tuning_id", sa.Uuid(), nullable=True),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('chosen', 'promoted', 'rolled_back')", name=op.f("ck_model_changes_modelchangekind")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_model_changes_project_id_projects"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["tuning_id"], ["tunings.id"], name=op.f("fk_model_changes_tuning_id_tunings"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["changed_by"], ["users.id"], name=op.f("fk_model_changes_changed_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_changes")),
    )
    op.create_index(op.f("ix_model_changes_project_id"), "model_changes", ["project_id"])
    op.add_column("jobs", sa.Column("tuning_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_jobs_tuning_id_tunings"), "jobs", "tunings", ["tuning_id"], ["id"], ondelete="CASCADE"
    )
    op.create_index(op.f("ix_jobs_tuning_id"), "jobs", ["tuning_id"])


def _create_tunings() -> None:
    op.create_table(
        "tunings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("base_model", sa.String(), nullable=False),
        sa.Column("base_version", sa.String(), nullable=False),
        sa.Column("base_reference", sa.String(), nullable=False),
        sa.Column("num_steps", sa.Integer(), nullable=False),
        sa.Column("training", postgresql.JSONB(), nullable=False),
        sa.Column("held_out", postgresql.JSONB(), nullable=False),
        sa.Column("num_masklets", sa.Integer(), nullable=False),
        sa.Column("progress", postgresql.JSONB(), nullable=True),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("comparison", postgresql.JSONB(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=32), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("num_steps >= 1", name=op.f("ck_tunings_num_steps_positive")),
        sa.CheckConstraint("decision IN ('promoted', 'declined')", name=op.f("ck_tunings_tuningdecision")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_tunings_project_id_projects"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_tunings_decided_by_users")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_tunings_created_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tunings")),
    )
    op.create_index(op.f("ix_tunings_project_id"), "tunings", ["project_id"])


def downgrade() -> None:
    op.execute("DELETE FROM jobs WHERE tuning_id IS NOT NULL")
    op.drop_column("jobs", "tuning_id")
    op.drop_table("model_changes")
    op.drop_table("tunings")
