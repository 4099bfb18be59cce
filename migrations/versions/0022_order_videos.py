"""Index a project's videos in their order, so that a page of them is read without the others."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_videos_project_created", "videos", ["project_id", "created_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_videos_project_created", "videos")
