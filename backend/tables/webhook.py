"""The tables of webhooks and of what is sent to them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.tables.base import CreatedAt, Table, UuidKey
from backend.tables.states import DeliveryState, WebhookPause, state_type


class Webhook(Table):
    """An address outside that a manager wants told what happens in a project."""

    __tablename__ = "webhooks"

    id: Mapped[UuidKey]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    url: Mapped[str]
    events: Mapped[list[Any]]  # words of WebhookEvent
    note: Mapped[str] = mapped_column(default="", server_default="")
    secret: Mapped[str]  # as it is: signing needs it
    maker_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)  # who answers for it
    pause: Mapped[WebhookPause | None] = mapped_column(state_type(WebhookPause))  # null: it is told
    failing_since: Mapped[datetime | None]  # the first try since the last success that failed
    num_failed: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # given up since the last success
    busy_until: Mapped[datetime | None]  # a backend is sending to it now, or died while it did
    created_at: Mapped[CreatedAt]


class WebhookDelivery(Table):
    """One thing that happened, on its way to one webhook. Its id is the same at every try."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("ix_webhook_deliveries_waiting", "webhook_id", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_webhook_deliveries_webhook_id_created_at_id", "webhook_id", "created_at", "id"),
        Index("ix_webhook_deliveries_created_at", "created_at"),
    )

    id: Mapped[UuidKey]
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    event: Mapped[str]
    data: Mapped[dict[str, Any]]
    page: Mapped[str]  # path of the page on this site that shows it
    state: Mapped[DeliveryState] = mapped_column(state_type(DeliveryState), default=DeliveryState.waiting)
    tries: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    due_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    tried_at: Mapped[datetime | None]
    status: Mapped[int | None]  # of the last answer; null: there was none
    answer: Mapped[str | None]  # the beginning of the last answer, or why there was none
    created_at: Mapped[CreatedAt]
