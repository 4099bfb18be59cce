"""Add studies: the same objects for several people under several phases, each on a line of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KINDS = ("create_masklet", "delete_masklet", "prompt", "edit_mask", "clear_frame", "propagate", "lock_frames")
_PHASES = ("sam_per_frame", "sam_plus_sam2_mask", "sam2")


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def upgrade() -> None:
    op.create_table(
        "studies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(_one_of("state", ("draft", "running", "done")), name=op.f("ck_studies_studystate")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_studies_project_id_projects"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_studies_created_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studies")),
    )
    op.create_index(op.f("ix_studies_project_id"), "studies", ["project_id"])
    op.create_table(
        "study_arms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("selected_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("phase", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("masklet_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(_one_of("phase", _PHASES), name=op.f("ck_study_arms_phase")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_study_arms_position_not_negative")),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_study_arms_study_id_studies"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["selected_id"], ["masklets.id"], name=op.f("fk_study_arms_selected_id_masklets"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_study_arms_user_id_users")),
        sa.ForeignKeyConstraint(
            ["masklet_id"], ["masklets.id"], name=op.f("fk_study_arms_masklet_id_masklets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_arms")),
        sa.UniqueConstraint(
            "study_id", "user_id", "selected_id", name=op.f("uq_study_arms_study_id_user_id_selected_id")
        ),
        sa.UniqueConstraint("study_id", "user_id", "position", name=op.f("uq_study_arms_study_id_user_id_position")),
        sa.UniqueConstraint("masklet_id", name=op.f("uq_study_arms_masklet_id")),
    )
    op.create_index(op.f("ix_study_arms_selected_id"), "study_arms", ["selected_id"])
    op.create_index(op.f("ix_study_arms_user_id"), "study_arms", ["user_id"])
    for table in ("masklets", "actions"):
        op.add_column(table, sa.Column("participant_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f"fk_{table}_participant_id_users"), table, "users", ["participant_id"], ["id"])
    op.add_column("tasks", sa.Column("position", sa.Integer(), server_default="0", nullable=False))
    op.drop_constraint(op.f("ck_actions_actionkind"), "actions")
    op.create_check_constraint(op.f("ck_actions_actionkind"), "actions", _one_of("kind", (*_KINDS, "copy")))


def downgrade() -> None:
    op.drop_constraint(op.f("ck_actions_actionkind"), "actions")
    op.execute("DELETE FROM actions WHERE kind = 'copy'")
    op.create_check_constraint(op.f("ck_actions_actionkind"), "actions", _one_of("kind", _KINDS))
    op.drop_column("tasks", "position")
    for table in ("actions", "masklets"):
        op.drop_column(table, "participant_id")
    op.drop_table("study_arms")
    op.drop_table("studies")
