"""Keep which drawings and prompted masks a propagated mask was carried from."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("frame_masks", sa.Column("built_on", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("frame_masks", "built_on")
