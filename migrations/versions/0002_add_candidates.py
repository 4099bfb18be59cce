"""Record which candidate of a click was chosen, and which candidate a mask is."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = ("prompt_sets", "frame_masks")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("candidate", sa.SmallInteger(), nullable=True))
        check = f"ck_{table}_candidate_is_a_reading"
        op.create_check_constraint(op.f(check), table, "candidate BETWEEN 0 AND 2")


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "candidate")
