"""Add searches for automatic masklets, what their runs clean up, and Actions that undo skips."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_SOURCES = ("prompted", "propagated", "edited", "absent")


def upgrade() -> None:
    op.create_table(
        "auto_labelings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("video_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("options", postgresql.JSONB(), nullable=False),
        sa.Column("steps", postgresql.JSONB(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"], ["videos.id"], name="fk_auto_labelings_video_id_videos", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_auto_labelings_job_id_jobs", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name="fk_auto_labelings_created_by_users"),
        sa.PrimaryKeyConstraint("id", name="pk_auto_labelings"),
    )
    op.create_index("ix_auto_labelings_video_id", "auto_labelings", ["video_id"])
    op.create_index("ix_auto_labelings_job_id", "auto_labelings", ["job_id"])
    op.add_column("runs", sa.Column("clean_under", sa.Integer(), server_default="0", nullable=False))
    op.add_column("actions", sa.Column("automatic", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    _allow((*_SOURCES, "automatic"))


def downgrade() -> None:
    op.execute("DELETE FROM masklets WHERE origin = 'auto'")
    op.execute("DELETE FROM actions WHERE automatic")
    op.execute("DELETE FROM jobs WHERE kind = 'autolabel'")
    _allow(_SOURCES)
    op.drop_column("actions", "automatic")
    op.drop_column("runs", "clean_under")
    op.drop_table("auto_labelings")


def _allow(sources: tuple[str, ...]) -> None:
    name = op.f("ck_frame_masks_masksource")
    op.drop_constraint(name, "frame_masks")
    op.create_check_constraint(name, "frame_masks", sa.column("source").in_(sources))
