"""Lock frames: nothing changes their masks, and propagations stop at them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BEFORE = ("create_masklet", "delete_masklet", "prompt", "edit_mask", "clear_frame", "propagate")


def upgrade() -> None:
    op.add_column("frame_states", sa.Column("locked", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index(
        "ix_frame_states_locked", "frame_states", ["masklet_id", "frame_index"], postgresql_where=sa.text("locked")
    )
    op.create_table(
        "lock_changes",
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("masklet_id", sa.Uuid(), nullable=False),
        sa.Column("frame_index", sa.Integer(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["actions.id"], name="fk_lock_changes_action_id_actions", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["masklet_id"], ["masklets.id"], name="fk_lock_changes_masklet_id_masklets", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("action_id", "masklet_id", "frame_index", name="pk_lock_changes"),
    )
    op.create_index("ix_lock_changes_masklet_id", "lock_changes", ["masklet_id"])
    _allow((*_BEFORE, "lock_frames"))


def downgrade() -> None:
    op.execute("DELETE FROM actions WHERE kind = 'lock_frames'")
    _allow(_BEFORE)
    op.drop_table("lock_changes")
    op.drop_index("ix_frame_states_locked", "frame_states")
    op.drop_column("frame_states", "locked")


def _allow(kinds: tuple[str, ...]) -> None:
    name = op.f("ck_actions_actionkind")
    op.drop_constraint(name, "actions")
    op.create_check_constraint(name, "actions", sa.column("kind").in_(kinds))
