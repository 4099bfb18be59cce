"""Keep the review queue sorted: a rank for each unfinished verify task, kept by triggers."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_RANKS = """
    INSERT INTO review_ranks (task_id, masklet_id, project_id, video_name, number)
    SELECT tasks.id, masklets.id, videos.project_id, videos.name, masklets.number
    FROM tasks JOIN masklets ON masklets.id = tasks.masklet_id JOIN videos ON videos.id = masklets.video_id
    WHERE tasks.kind = 'verify' AND tasks.state <> 'done'
"""
_OF_TASK = f"""
    CREATE FUNCTION maskloom_rank_task() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.state = 'done' THEN
            DELETE FROM review_ranks WHERE task_id = NEW.id;
        ELSE
            {_RANKS} AND tasks.id = NEW.id ON CONFLICT DO NOTHING;
        END IF;
        RETURN NULL;
    END $$
"""
_OF_FRAMES = """
    CREATE FUNCTION maskloom_make_rank_stale() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE review_ranks SET stale = true WHERE masklet_id IN (SELECT masklet_id FROM changed);
        RETURN NULL;
    END $$
"""
_OF_VIDEO = """
    CREATE FUNCTION maskloom_rename_rank() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE review_ranks SET video_name = NEW.name, stale = true FROM masklets
        WHERE masklets.id = review_ranks.masklet_id AND masklets.video_id = NEW.id;
        RETURN NULL;
    END $$
"""
_TRIGGERS = (
    """CREATE TRIGGER videos_renamed AFTER UPDATE OF name, stride, num_frames ON videos FOR EACH ROW
       EXECUTE FUNCTION maskloom_rename_rank()""",
    """CREATE TRIGGER tasks_ranked AFTER INSERT ON tasks FOR EACH ROW
       WHEN (NEW.kind = 'verify' AND NEW.masklet_id IS NOT NULL) EXECUTE FUNCTION maskloom_rank_task()""",
    """CREATE TRIGGER tasks_ranked_anew AFTER UPDATE OF state ON tasks FOR EACH ROW
       WHEN (NEW.kind = 'verify' AND NEW.masklet_id IS NOT NULL AND (NEW.state = 'done') <> (OLD.state = 'done'))
       EXECUTE FUNCTION maskloom_rank_task()""",
    """CREATE TRIGGER frame_states_added AFTER INSERT ON frame_states REFERENCING NEW TABLE AS changed
       FOR EACH STATEMENT EXECUTE FUNCTION maskloom_make_rank_stale()""",
    """CREATE TRIGGER frame_states_changed AFTER UPDATE ON frame_states REFERENCING NEW TABLE AS changed
       FOR EACH STATEMENT EXECUTE FUNCTION maskloom_make_rank_stale()""",
    """CREATE TRIGGER frame_states_removed AFTER DELETE ON frame_states REFERENCING OLD TABLE AS changed
       FOR EACH STATEMENT EXECUTE FUNCTION maskloom_make_rank_stale()""",
)


def upgrade() -> None:
    op.create_table(
        "review_ranks",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("masklet_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("video_name", sa.String(collation="C"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("trust", sa.Float(), server_default="0", nullable=False),
        sa.Column("stale", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=op.f("fk_review_ranks_task_id_tasks"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["masklet_id"], ["masklets.id"], name=op.f("fk_review_ranks_masklet_id_masklets"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_review_ranks_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_review_ranks")),
    )
    order = ["project_id", "trust", "video_name", "number", "masklet_id"]
    op.create_index("ix_review_ranks_order", "review_ranks", order)
    op.create_index("ix_review_ranks_stale", "review_ranks", ["project_id"], postgresql_where=sa.text("stale"))
    op.create_index(op.f("ix_review_ranks_masklet_id"), "review_ranks", ["masklet_id"])
    for statement in (_RANKS, _OF_TASK, _OF_FRAMES, _OF_VIDEO, *_TRIGGERS):
        op.execute(statement)


def downgrade() -> None:
    for name in ("frame_states_removed", "frame_states_changed", "frame_states_added"):
        op.execute(f"DROP TRIGGER {name} ON frame_states")
    op.execute("DROP TRIGGER tasks_ranked_anew ON tasks")
    op.execute("DROP TRIGGER tasks_ranked ON tasks")
    op.execute("DROP TRIGGER videos_renamed ON videos")
    op.execute("DROP FUNCTION maskloom_rename_rank")
    op.execute("DROP FUNCTION maskloom_make_rank_stale")
    op.execute("DROP FUNCTION maskloom_rank_task")
    op.drop_table("review_ranks")
