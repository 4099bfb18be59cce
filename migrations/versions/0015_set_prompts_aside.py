"""Count how often a prompt set failed, and keep why it was set aside."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("prompt_sets", sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
    op.add_column("prompt_sets", sa.Column("problem", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("prompt_sets", "problem")
    op.drop_column("prompt_sets", "failures")
