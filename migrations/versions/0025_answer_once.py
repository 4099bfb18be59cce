"""Remember the requests that ended tasks or took verdicts back, so that each is answered once."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answered_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("video_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["video_id"], ["videos.id"], name=op.f("fk_answered_requests_video_id_videos"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_answered_requests_actor_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answered_requests")),
    )
    op.create_index(op.f("ix_answered_requests_video_id"), "answered_requests", ["video_id"])


def downgrade() -> None:
    op.drop_table("answered_requests")
