"""Index the actions that could be redone, so that a write need not read its video's whole history to find none."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_actions_undone", "actions", ["video_id", "order"], postgresql_where=sa.text("undone AND NOT abandoned")
    )


def downgrade() -> None:
    op.drop_index("ix_actions_undone", "actions")
