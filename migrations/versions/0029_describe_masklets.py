"""Let undo take back what was said of masklets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_KINDS = (
    "create_masklet",
    "delete_masklet",
    "prompt",
    "edit_mask",
    "clear_frame",
    "propagate",
    "copy",
    "lock_frames",
    "import_masklet",
)


def upgrade() -> None:
    op.create_table(
        "description_changes",
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("masklet_id", sa.Uuid(), nullable=False),
        sa.Column("before", JSONB(), nullable=False),
        sa.Column("after", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["actions.id"], name=op.f("fk_description_changes_action_id_actions"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["masklet_id"], ["masklets.id"], name=op.f("fk_description_changes_masklet_id_masklets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("action_id", "masklet_id", name=op.f("pk_description_changes")),
    )
    op.create_index("ix_description_changes_masklet_id", "description_changes", ["masklet_id"])
    _allow((*_KINDS, "describe"))


def downgrade() -> None:
    op.execute("DELETE FROM actions WHERE kind = 'describe'")
    _allow(_KINDS)
    op.drop_table("description_changes")


def _allow(kinds: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_actions_actionkind"), "actions")
    op.create_check_constraint(op.f("ck_actions_actionkind"), "actions", sa.column("kind").in_(kinds))
