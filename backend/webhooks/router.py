"""Routes of a project's webhooks, which only its managers see."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.permissions import Permission
from backend.db.session import Autocommit, Session
from backend.page import AskedPage, BadCursor
from backend.problems import problems
from backend.projects.problems import ProjectNotFound
from backend.projects.resource import PROJECT
from backend.settings import Settings
from backend.webhooks import service
from backend.webhooks.problems import (
    DeliveryNotFound,
    TooManyWebhooks,
    WebhookAddressRefused,
    WebhookNotFound,
    WebhookPaused,
)
from backend.webhooks.resource import WEBHOOK
from backend.webhooks.schemas import DeliveryRead, WebhookCreate, WebhookRead, WebhookSecret, WebhookUpdate

router = APIRouter(prefix="/api", tags=["webhooks"])


async def _settings(request: Request) -> Settings:
    settings: Settings = request.state.settings
    return settings


_Settings = Annotated[Settings, Depends(_settings)]


@router.get(
    "/projects/{project_id}/webhooks",
    responses=problems(ProjectNotFound, BadCursor),
    dependencies=[access(Permission.manage, PROJECT)],
)
async def list_webhooks(project_id: UUID, session: Autocommit, page: AskedPage) -> Sequence[WebhookRead]:
    """A project's webhooks, oldest first, in pages: the Link header names the next one."""
    return await service.list_webhooks(session, project_id, page)


@router.post(
    "/projects/{project_id}/webhooks",
    status_code=201,
    responses=problems(ProjectNotFound, TooManyWebhooks, WebhookAddressRefused),
    dependencies=[access(Permission.manage, PROJECT)],
)
async def create_webhook(
    project_id: UUID, body: WebhookCreate, session: Session, actor: Actor, settings: _Settings
) -> WebhookSecret:
    """Make a webhook: its URL gets a signed POST for each of these events. Its secret is shown only in this answer."""
    return await service.create_webhook(session, project_id, body, actor, settings=settings)


@router.patch(
    "/webhooks/{webhook_id}",
    responses=problems(WebhookNotFound, WebhookAddressRefused),
    dependencies=[access(Permission.manage, WEBHOOK)],
)
async def update_webhook(
    webhook_id: UUID, body: WebhookUpdate, session: Session, actor: Actor, settings: _Settings
) -> WebhookRead:
    """Change a webhook, pause it or resume it. What happens while it is paused is never sent."""
    return await service.update_webhook(session, webhook_id, body, actor, settings=settings)


@router.delete(
    "/webhooks/{webhook_id}",
    status_code=204,
    responses=problems(WebhookNotFound),
    dependencies=[access(Permission.manage, WEBHOOK)],
)
async def delete_webhook(webhook_id: UUID, session: Session, actor: Actor) -> None:
    """Delete a webhook, its deliveries, and what waits to be sent."""
    await service.delete_webhook(session, webhook_id, actor)


@router.post(
    "/webhooks/{webhook_id}/secret",
    responses=problems(WebhookNotFound),
    dependencies=[access(Permission.manage, WEBHOOK)],
)
async def renew_webhook_secret(webhook_id: UUID, session: Session, actor: Actor) -> WebhookSecret:
    """Replace a webhook's secret at once. The new one is shown only in this answer."""
    return await service.renew_secret(session, webhook_id, actor)


@router.post(
    "/webhooks/{webhook_id}/test",
    status_code=202,
    responses=problems(WebhookNotFound, WebhookPaused),
    dependencies=[access(Permission.manage, WEBHOOK)],
)
async def send_webhook_test(webhook_id: UUID, session: Session) -> DeliveryRead:
    """Send a test, which is tried once. The list of deliveries tells how it went."""
    return await service.send_test(session, webhook_id)


@router.get(
    "/webhooks/{webhook_id}/deliveries",
    responses=problems(WebhookNotFound, BadCursor),
    dependencies=[access(Permission.manage, WEBHOOK)],
)
async def list_webhook_deliveries(webhook_id: UUID, session: Autocommit, page: AskedPage) -> Sequence[DeliveryRead]:
    """What was sent to a webhook in the last 30 days, newest first, in pages: the Link header names the next one."""
    return await service.list_deliveries(session, webhook_id, page)


@router.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/again",
    status_code=202,
    responses=problems(WebhookNotFound, DeliveryNotFound, WebhookPaused),
    dependencies=[access(Permission.manage, WEBHOOK)],
)
async def send_webhook_again(webhook_id: UUID, delivery_id: UUID, session: Session) -> DeliveryRead:
    """Send a delivery once more, under the same id."""
    return await service.send_again(session, webhook_id, delivery_id)
