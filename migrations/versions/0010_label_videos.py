"""Let projects declare video labels, the edited frames a masklet needs, and how sources are split."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("projects", sa.Column("min_edited_frames", sa.Integer(), server_default="0", nullable=False))
    op.add_column("projects", sa.Column("needs_environment", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("projects", sa.Column("attributes", JSONB(), server_default="[]", nullable=False))
    op.add_column("projects", sa.Column("val_percent", sa.Integer(), server_default="0", nullable=False))
    op.add_column("projects", sa.Column("test_percent", sa.Integer(), server_default="0", nullable=False))
    op.create_check_constraint(
        op.f("ck_projects_shares_of_a_whole"),
        "projects",
        "val_percent >= 0 AND test_percent >= 0 AND val_percent + test_percent <= 100",
    )
    op.create_check_constraint(op.f("ck_projects_edited_frames_not_negative"), "projects", "min_edited_frames >= 0")
    op.add_column("videos", sa.Column("attributes", JSONB(), server_default="{}", nullable=False))
    op.add_column("videos", sa.Column("split_source", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("videos", "split_source")
    op.drop_column("videos", "attributes")
    op.drop_constraint(op.f("ck_projects_edited_frames_not_negative"), "projects")
    op.drop_constraint(op.f("ck_projects_shares_of_a_whole"), "projects")
    for column in ("test_percent", "val_percent", "attributes", "needs_environment", "min_edited_frames"):
        op.drop_column("projects", column)
