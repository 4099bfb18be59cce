"""Store the age of an activity event when it was sent, and index events by person and time."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("activity_events", sa.Column("age_seconds", sa.Double(), server_default="0", nullable=False))
    op.add_column("activity_events", sa.Column("slept_seconds", sa.Double(), server_default="0", nullable=False))
    op.create_index("ix_activity_events_user_created", "activity_events", ["user_id", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_activity_events_user_created", "activity_events")
    op.drop_column("activity_events", "slept_seconds")
    op.drop_column("activity_events", "age_seconds")
