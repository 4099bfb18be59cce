"""Lease tasks and give them priorities and outcomes; let videos be rejected and projects say how work is divided."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_OUTCOMES = "outcome IN ('submitted', 'rejected', 'dropped')"


def _task_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reserved_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(32), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
    )


_FIRST_TASKS = """
    INSERT INTO tasks (id, video_id, kind, phase, state, epoch)
    SELECT gen_random_uuid(), videos.id, 'annotate', projects.phase, 'open', 0
    FROM videos JOIN projects ON projects.id = videos.project_id
    WHERE videos.state <> 'failed'
    AND NOT EXISTS (SELECT FROM tasks WHERE tasks.video_id = videos.id AND tasks.masklet_id IS NULL)
"""


def upgrade() -> None:
    for column in _task_columns():
        op.add_column("tasks", column)
    op.execute("UPDATE tasks SET state = 'open' WHERE state = 'claimed'")  # nobody could hold one so far
    op.execute("UPDATE tasks SET outcome = 'submitted' WHERE state = 'done'")
    op.execute("UPDATE tasks SET finished_at = now() WHERE state = 'done' AND finished_at IS NULL")
    op.create_check_constraint(op.f("ck_tasks_taskoutcome"), "tasks", _OUTCOMES)
    op.create_check_constraint(
        op.f("ck_tasks_claimed_by_somebody"),
        "tasks",
        "state <> 'claimed' OR (assignee_id IS NOT NULL AND lease_until IS NOT NULL)",
    )
    op.create_check_constraint(
        op.f("ck_tasks_finished_when_done"), "tasks", "(state = 'done') = (finished_at IS NOT NULL)"
    )
    op.create_index("ix_tasks_waiting", "tasks", ["state", "priority", "created_at"])
    op.create_index(op.f("ix_tasks_assignee_id"), "tasks", ["assignee_id"])
    op.add_column("videos", sa.Column("rejected_reason", sa.String(), nullable=True))
    op.add_column("projects", sa.Column("select_first", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("projects", sa.Column("separate_verifiers", sa.Boolean(), server_default="true", nullable=False))
    op.execute(_FIRST_TASKS)


def downgrade() -> None:
    op.drop_column("projects", "separate_verifiers")
    op.drop_column("projects", "select_first")
    op.drop_column("videos", "rejected_reason")
    op.drop_index("ix_tasks_waiting", "tasks")
    op.drop_index(op.f("ix_tasks_assignee_id"), "tasks")
    for check in ("finished_when_done", "claimed_by_somebody"):
        op.drop_constraint(op.f(f"ck_tasks_{check}"), "tasks")
    for column in reversed(_task_columns()):
        op.drop_column("tasks", column.name)
