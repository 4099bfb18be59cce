"""The table of actions, which form the history of a video."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table
from backend.tables.states import ActionKind, state_type


class Action(Table):
    """One thing that a person did to a video's masklets. Rows are append-only; an action is the unit of undo.

    The id is the client's idempotency key. `order` is the position in the video's history.
    """

    __tablename__ = "actions"
    __table_args__ = (
        Index("ix_actions_video_order", "video_id", "order"),
        Index("ix_actions_undone", "video_id", "order", postgresql_where=text("undone AND NOT abandoned")),
        Index(
            "ix_actions_unanswered_prompts",
            "masklet_id",
            postgresql_where=text("kind = 'prompt' AND NOT complete AND NOT undone"),
        ),
        Index("ix_actions_abandoned", "id", postgresql_where=text("abandoned AND NOT compacted")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    order: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    video_id: Mapped[UUID] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    masklet_id: Mapped[UUID | None] = mapped_column(ForeignKey("masklets.id", ondelete="CASCADE"), index=True)
    kind: Mapped[ActionKind] = mapped_column(state_type(ActionKind))
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    participant_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))  # whose line; null: the common one
    request: Mapped[dict[str, Any]]  # as received, without what rows of its own hold: masks, prompts, a run's objects
    request_hash: Mapped[str]  # of all of it, to recognise a reused key
    complete: Mapped[bool] = mapped_column(default=False)  # false while its masks are still to be computed
    undone: Mapped[bool] = mapped_column(default=False)
    abandoned: Mapped[bool] = mapped_column(default=False)  # undone, and can no longer be redone
    automatic: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # not a step of undo
    turned_at: Mapped[datetime | None]  # when it was last undone or redone
    compacted: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # undo and redo stop here
    created_at: Mapped[CreatedAt]
