"""Index frame changes, so that a frame's history is found without reading the masklet's."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_frame_changes_masklet_frame", "frame_changes", ["masklet_id", "frame_index"])


def downgrade() -> None:
    op.drop_index("ix_frame_changes_masklet_frame", "frame_changes")
