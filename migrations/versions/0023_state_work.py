"""State whose turn it is with each masklet, give every unsettled one its task, and let undo restore verdicts."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_VERDICTS = "'satisfactory', 'unsatisfactory', 'rejected'"
_WORK = "'annotating', 'verifying', 'refining', 'settled'"
_OUTCOMES = "'submitted', 'rejected', 'dropped'"

_UNFINISHED = "SELECT FROM tasks WHERE tasks.masklet_id = masklets.id AND tasks.kind = '{}' AND tasks.state <> 'done'"
_UNFINISHED_VIDEO = """
    SELECT FROM tasks WHERE tasks.video_id = masklets.video_id AND tasks.masklet_id IS NULL AND tasks.state <> 'done'
"""
_HAS_MASK = "SELECT FROM frame_states WHERE masklet_id = masklets.id AND mask_id IS NOT NULL"

_STATE_WORK = f"""
    UPDATE masklets SET work = CASE
        WHEN verdict IN ('satisfactory', 'rejected') THEN 'settled'
        WHEN verdict = 'unsatisfactory' OR EXISTS ({_UNFINISHED.format("refine")}) THEN 'refining'
        WHEN EXISTS ({_UNFINISHED.format("verify")}) OR origin = 'auto' THEN 'verifying'
        WHEN EXISTS ({_UNFINISHED_VIDEO}) OR NOT EXISTS ({_HAS_MASK}) THEN 'annotating'
        ELSE 'verifying'
    END
    WHERE participant_id IS NULL
"""
_SEAL = """
    UPDATE masklets SET sealed_order = (
        SELECT coalesce(max("order"), 0) FROM actions WHERE actions.video_id = masklets.video_id
    )
    WHERE work <> 'annotating'
"""
_LOOSE = """
    UPDATE tasks SET state = 'done', outcome = 'dropped', finished_at = now(), lease_until = NULL
    FROM masklets
    WHERE tasks.masklet_id = masklets.id AND masklets.participant_id IS NULL AND tasks.state <> 'done'
    AND NOT (tasks.kind = 'verify' AND masklets.work = 'verifying')
    AND NOT (tasks.kind = 'refine' AND masklets.work = 'refining')
"""
_TASKS_OF_OBJECTS = f"""
    INSERT INTO tasks (id, video_id, masklet_id, kind, phase, state, epoch)
    SELECT gen_random_uuid(), video_id, masklets.id, CASE work WHEN 'verifying' THEN 'verify' ELSE 'refine' END,
        phase, 'open', 0
    FROM masklets
    WHERE NOT deleted AND participant_id IS NULL AND work IN ('verifying', 'refining')
    AND NOT EXISTS ({_UNFINISHED.format("verify")}) AND NOT EXISTS ({_UNFINISHED.format("refine")})
"""
_TASKS_OF_VIDEOS = f"""
    INSERT INTO tasks (id, video_id, kind, phase, state, epoch)
    SELECT gen_random_uuid(), masklets.video_id, 'annotate', min(projects.phase), 'open', 0
    FROM masklets JOIN videos ON videos.id = masklets.video_id JOIN projects ON projects.id = videos.project_id
    WHERE NOT masklets.deleted AND masklets.participant_id IS NULL AND masklets.work = 'annotating'
    AND NOT EXISTS ({_UNFINISHED_VIDEO})
    GROUP BY masklets.video_id
"""


def upgrade() -> None:
    op.add_column("masklets", sa.Column("work", sa.String(32), server_default="annotating", nullable=False))
    op.create_check_constraint(op.f("ck_masklets_workstate"), "masklets", f"work IN ({_WORK})")
    op.add_column("masklets", sa.Column("sealed_order", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("tasks", sa.Column("frame_index", sa.Integer(), nullable=True))
    op.add_column("verdicts", sa.Column("frame_index", sa.Integer(), nullable=True))
    op.drop_constraint(op.f("ck_tasks_taskoutcome"), "tasks")
    op.create_check_constraint(op.f("ck_tasks_taskoutcome"), "tasks", f"outcome IN ({_OUTCOMES}, 'contested')")
    op.create_table(
        "work_changes",
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("masklet_id", sa.Uuid(), nullable=False),
        sa.Column("before_work", sa.String(32), nullable=False),
        sa.Column("before_verdict", sa.String(32), nullable=True),
        sa.CheckConstraint(f"before_work IN ({_WORK})", name=op.f("ck_work_changes_workstate")),
        sa.CheckConstraint(f"before_verdict IN ({_VERDICTS})", name=op.f("ck_work_changes_verdictkind")),
        sa.ForeignKeyConstraint(
            ["action_id"], ["actions.id"], name=op.f("fk_work_changes_action_id_actions"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["masklet_id"], ["masklets.id"], name=op.f("fk_work_changes_masklet_id_masklets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("action_id", "masklet_id", name=op.f("pk_work_changes")),
    )
    op.create_index("ix_work_changes_masklet_id", "work_changes", ["masklet_id"])
    for statement in (_STATE_WORK, _SEAL, _LOOSE, _TASKS_OF_OBJECTS, _TASKS_OF_VIDEOS):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("work_changes")
    op.drop_constraint(op.f("ck_tasks_taskoutcome"), "tasks")
    op.execute("UPDATE tasks SET outcome = 'submitted' WHERE outcome = 'contested'")
    op.create_check_constraint(op.f("ck_tasks_taskoutcome"), "tasks", f"outcome IN ({_OUTCOMES})")
    op.drop_column("verdicts", "frame_index")
    op.drop_column("tasks", "frame_index")
    op.drop_column("masklets", "sealed_order")
    op.drop_column("masklets", "work")
