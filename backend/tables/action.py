"""The history of a video."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table
from backend.tables.states import ActionKind, state_type


class Action(Table):
    """One thing a person did to a video's masklets: append-only, and the unit of undo.

    The id is the client's idempotency key. `order` is the position in the video's history.
    """

    __tablename__ = "actions"
    __table_args__ = (
        Index("ix_actions_video_order", "video_id", "order"),
        Index(
            "ix_actions_unanswered_prompts",
            "masklet_id",
            postgresql_where=text("kind = 'prompt' AND NOT complete AND NOT undone"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    order: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    video_id: Mapped[UUID] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    masklet_id: Mapped[UUID | None] = mapped_column(ForeignKey("masklets.id", ondelete="CASCADE"), index=True)
    kind: Mapped[ActionKind] = mapped_column(state_type(ActionKind))
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    participant_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))  # whose line of work; null: common
    request: Mapped[dict[str, Any]]  # the body as it came, to recognise a reused key and to replay
    request_hash: Mapped[str]
    complete: Mapped[bool] = mapped_column(default=False)  # false: stored, its mask not yet computed
    undone: Mapped[bool] = mapped_column(default=False)
    abandoned: Mapped[bool] = mapped_column(default=False)  # undone, then something else was done: no redo
    automatic: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # nobody's step to undo
    created_at: Mapped[CreatedAt]
