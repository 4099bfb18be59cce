"""Let several backends share tracking sessions and take over each other's propagations."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SEQUENCE tracking_epochs AS bigint")
    # Epochs used to be transaction ids, and a model server may still hold a session with such an epoch.
    op.execute("SELECT setval('tracking_epochs', pg_current_xact_id()::text::bigint + 1)")
    op.create_table(
        "tracking_places",
        sa.Column("video_id", sa.Uuid(), nullable=False),
        sa.Column("server", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("video_id", name=op.f("pk_tracking_places")),
        sa.ForeignKeyConstraint(
            ["video_id"], ["videos.id"], name=op.f("fk_tracking_places_video_id_videos"), ondelete="CASCADE"
        ),
    )
    op.add_column("runs", sa.Column("driven_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("runs", sa.Column("frames_per_second", sa.Float(), nullable=True))
    op.create_index(
        "ix_actions_unanswered_prompts",
        "actions",
        ["masklet_id"],
        postgresql_where=sa.text("kind = 'prompt' AND NOT complete AND NOT undone"),
    )


def downgrade() -> None:
    op.drop_index("ix_actions_unanswered_prompts", "actions")
    op.drop_column("runs", "frames_per_second")
    op.drop_column("runs", "driven_until")
    op.drop_table("tracking_places")
    op.execute("DROP SEQUENCE tracking_epochs")
