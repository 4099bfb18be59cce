"""Let superseded masks be compacted: mark actions and masklets, and keep the tallies of inputs with frame changes."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("actions", sa.Column("turned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("actions", sa.Column("compacted", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index("ix_actions_abandoned", "actions", ["id"], postgresql_where=sa.text("abandoned AND NOT compacted"))
    op.add_column("masklets", sa.Column("compacted_order", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("masklets", sa.Column("compacted_version", sa.Integer(), nullable=True))
    op.add_column("masklets", sa.Column("compacting", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index("ix_masklets_compacting", "masklets", ["id"], postgresql_where=sa.text("compacting"))
    op.add_column("frame_changes", sa.Column("mask_changed", sa.Boolean(), nullable=True))
    op.add_column("frame_changes", sa.Column("new_clicks", sa.Integer(), nullable=True))
    op.add_column("frame_changes", sa.Column("new_box", sa.Boolean(), nullable=True))


def downgrade() -> None:
    for name in ("new_box", "new_clicks", "mask_changed"):
        op.drop_column("frame_changes", name)
    op.drop_index("ix_masklets_compacting", "masklets")
    op.drop_column("masklets", "compacting")
    op.drop_column("masklets", "compacted_version")
    op.drop_column("masklets", "compacted_order")
    op.drop_index("ix_actions_abandoned", "actions")
    op.drop_column("actions", "compacted")
    op.drop_column("actions", "turned_at")
