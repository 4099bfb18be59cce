"""Make, change, try and delete a project's webhooks."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func
from sqlalchemy.ext.asyncio import AsyncSession
from yarl import URL

from backend.auth.audit import audit
from backend.auth.person import Person
from backend.db.engine import Sessions
from backend.page import Page
from backend.projects.problems import ProjectNotFound
from backend.projects.service import require_project
from backend.settings import Settings
from backend.tables import Webhook, WebhookDelivery
from backend.tables.states import DeliveryState, WebhookPause
from backend.webhooks import queries
from backend.webhooks.addresses import may_reach, written_address
from backend.webhooks.events import TEST, WebhookEvent
from backend.webhooks.problems import (
    DeliveryNotFound,
    TooManyWebhooks,
    WebhookAddressRefused,
    WebhookNotFound,
    WebhookPaused,
)
from backend.webhooks.schedule import KEPT
from backend.webhooks.schemas import DeliveryRead, WebhookCreate, WebhookRead, WebhookSecret, WebhookUpdate
from backend.webhooks.signature import new_secret

MOST_IN_A_PROJECT = 10


async def create_webhook(
    session: AsyncSession, project_id: UUID, body: WebhookCreate, actor: Person, *, settings: Settings
) -> WebhookSecret:
    """Make a webhook. Its secret is shown only in this response.

    Raises:
        ProjectNotFound: there is no such project.
        TooManyWebhooks: the project has as many as it may have.
        WebhookAddressRefused: the URL spells out an address that webhooks may not reach.
    """
    _check_address(body.url, settings)
    if not await queries.lock_project(session, project_id):
        raise ProjectNotFound
    if await queries.num_webhooks(session, project_id) >= MOST_IN_A_PROJECT:
        raise TooManyWebhooks
    webhook = Webhook(
        id=uuid4(),
        project_id=project_id,
        url=body.url,
        events=list(body.events),
        note=body.note,
        secret=new_secret(),
        maker_id=actor.user_id,
    )
    session.add(webhook)
    await session.flush()
    await session.refresh(webhook)
    _audit(session, webhook, "webhook.made", actor.user_id, events=webhook.events)
    return WebhookSecret(webhook=await _read(session, webhook), secret=webhook.secret)


async def list_webhooks(session: AsyncSession, project_id: UUID, page: Page) -> list[WebhookRead]:
    """List a page of a project's webhooks, oldest first."""
    await require_project(session, project_id)
    return [_seen(webhook, name) for webhook, name in await queries.webhooks_with_makers(session, project_id, page)]


async def update_webhook(
    session: AsyncSession, webhook_id: UUID, body: WebhookUpdate, actor: Person, *, settings: Settings
) -> WebhookRead:
    """Change a webhook, pause it, or resume it. Resuming sends what has waited, and forgets what failed before.

    Raises:
        WebhookNotFound: there is no such webhook.
        WebhookAddressRefused: the URL spells out an address that webhooks may not reach.
    """
    webhook = await _locked(session, webhook_id)
    changed = {
        name: value
        for name, value in body.model_dump(exclude_unset=True, exclude={"paused"}).items()
        if value is not None and value != getattr(webhook, name)
    }
    if "url" in changed:
        _check_address(changed["url"], settings)
    for name, value in changed.items():
        setattr(webhook, name, value)
    if changed:
        _audit(session, webhook, "webhook.changed", actor.user_id, changed=sorted(changed))
    if body.paused is True and webhook.pause is None:
        webhook.pause = WebhookPause.by_hand
        _audit(session, webhook, "webhook.paused", actor.user_id)
    if body.paused is False and webhook.pause is not None:
        webhook.pause = webhook.failing_since = None
        webhook.num_failed = 0
        webhook.maker_id = actor.user_id
        _audit(session, webhook, "webhook.resumed", actor.user_id)
    await session.flush()
    return await _read(session, webhook)


async def renew_secret(session: AsyncSession, webhook_id: UUID, actor: Person) -> WebhookSecret:
    """Give a webhook a new secret, with which everything is signed from now on, tries of older deliveries as well."""
    webhook = await _locked(session, webhook_id)
    webhook.secret = new_secret()
    _audit(session, webhook, "webhook.secret_renewed", actor.user_id)
    await session.flush()
    return WebhookSecret(webhook=await _read(session, webhook), secret=webhook.secret)


async def delete_webhook(session: AsyncSession, webhook_id: UUID, actor: Person) -> None:
    """Delete a webhook, and what is on its way to it."""
    webhook = await _locked(session, webhook_id)
    _audit(session, webhook, "webhook.deleted", actor.user_id)
    await session.delete(webhook)


async def send_test(session: AsyncSession, webhook_id: UUID) -> DeliveryRead:
    """Send something that says it is a test. It is tried once.

    Raises:
        WebhookNotFound: there is no such webhook.
        WebhookPaused: nothing is sent to it.
    """
    webhook = await _told(session, webhook_id)
    project = await require_project(session, webhook.project_id)
    about = {"project": {"id": str(project.id), "name": project.name}}
    delivery = WebhookDelivery(
        id=uuid4(), webhook_id=webhook_id, event=TEST, data=about, page=f"/projects/{project.id}/members"
    )
    session.add(delivery)
    await session.flush()
    await session.refresh(delivery)
    return _delivery(delivery)


async def send_again(session: AsyncSession, webhook_id: UUID, delivery_id: UUID) -> DeliveryRead:
    """Send a delivery once more, under its id, with all tries before it.

    Raises:
        WebhookNotFound, DeliveryNotFound: there is no such thing.
        WebhookPaused: nothing is sent to it.
    """
    await _told(session, webhook_id)
    delivery = await queries.lock_delivery(session, webhook_id, delivery_id)
    if delivery is None:
        raise DeliveryNotFound
    delivery.state, delivery.tries, delivery.due_at = DeliveryState.waiting, 0, func.now()
    await session.flush()
    await session.refresh(delivery)
    return _delivery(delivery)


async def list_deliveries(session: AsyncSession, webhook_id: UUID, page: Page) -> Sequence[DeliveryRead]:
    """List a page of a webhook's deliveries, newest first."""
    if not await queries.webhook_exists(session, webhook_id):
        raise WebhookNotFound
    return [_delivery(each) for each in await queries.deliveries(session, webhook_id, page)]


async def pause_webhooks_of_former_manager(session: AsyncSession, user_id: UUID, actor: Person) -> None:
    """Pause the webhooks that a person may no longer answer for."""
    for webhook in await queries.pause_of_former_manager(session, user_id):
        _audit(session, webhook, "webhook.paused", actor.user_id)


async def delete_old_deliveries(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await session.execute(delete(WebhookDelivery).where(WebhookDelivery.created_at < func.now() - KEPT))


def _check_address(url: str, settings: Settings) -> None:
    """Say at once what would fail later. A name is not looked up: the connection itself is checked."""
    address = written_address(URL(url).raw_host or "")
    if address is not None and not may_reach(address, settings.webhooks_reach):
        raise WebhookAddressRefused(
            f"{address} is not on the public internet. An administrator can list it in MASKLOOM_WEBHOOK_NETWORKS."
        )


async def _locked(session: AsyncSession, webhook_id: UUID) -> Webhook:
    webhook = await queries.lock_webhook(session, webhook_id)
    if webhook is None:
        raise WebhookNotFound
    return webhook


async def _told(session: AsyncSession, webhook_id: UUID) -> Webhook:
    webhook = await _locked(session, webhook_id)
    if webhook.pause is not None:
        raise WebhookPaused
    return webhook


def _audit(session: AsyncSession, webhook: Webhook, action: str, actor_id: UUID, **more: Any) -> None:
    """With the host alone: the rest of a URL may be a secret, and the trail is for ever."""
    audit(
        session,
        action,
        actor_id=actor_id,
        project_id=webhook.project_id,
        object_id=webhook.id,
        details={"host": URL(webhook.url).host, "note": webhook.note, **more},
    )


async def _read(session: AsyncSession, webhook: Webhook) -> WebhookRead:
    return _seen(webhook, await queries.maker_name(session, webhook))


def _seen(webhook: Webhook, maker: str) -> WebhookRead:
    known = set(WebhookEvent)
    return WebhookRead(
        id=webhook.id,
        url=webhook.url,
        events=[WebhookEvent(word) for word in webhook.events if word in known],
        note=webhook.note,
        pause=webhook.pause,
        failing_since=webhook.failing_since,
        made_by=maker,
        created_at=webhook.created_at,
    )


def _delivery(delivery: WebhookDelivery) -> DeliveryRead:
    return DeliveryRead(
        id=delivery.id,
        event=delivery.event,
        state=delivery.state,
        tries=delivery.tries,
        status=delivery.status,
        answer=delivery.answer,
        tried_at=delivery.tried_at,
        due_at=delivery.due_at if delivery.state is DeliveryState.waiting else None,
        created_at=delivery.created_at,
    )
