"""Queries for webhooks. One is told only while whoever answers for it may manage its project."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.permissions import Permission, roles_with
from backend.page import Page, falling, rising
from backend.tables import Membership, Project, User, Webhook, WebhookDelivery
from backend.tables.states import DeliveryState, WebhookPause

_DUE = and_(WebhookDelivery.state == DeliveryState.waiting, WebhookDelivery.due_at <= func.now())


def _maker_may() -> ColumnElement[bool]:
    manages = exists().where(
        Membership.project_id == Webhook.project_id,
        Membership.user_id == Webhook.maker_id,
        Membership.role.in_(roles_with(Permission.manage)),
    )
    return (
        exists()
        .where(User.id == Webhook.maker_id, ~User.disabled, or_(User.is_admin, manages.correlate(Webhook)))
        .correlate(Webhook)
    )


async def webhooks_with_makers(session: AsyncSession, project_id: UUID, page: Page) -> list[tuple[Webhook, str]]:
    """A page of a project's webhooks with their makers' names, oldest first."""
    found = select(Webhook, User.name).join(User, User.id == Webhook.maker_id).where(Webhook.project_id == project_id)
    rows = await page.rows(session, found, rising(Webhook.created_at), rising(Webhook.id))
    return [(row[0], row[1]) for row in rows]


async def maker_name(session: AsyncSession, webhook: Webhook) -> str:
    name = await session.scalar(select(User.name).where(User.id == webhook.maker_id))
    assert name is not None
    return name


async def lock_project(session: AsyncSession, project_id: UUID) -> bool:
    """Keep others from adding webhooks to a project. False if there is no such project."""
    found = select(Project.id).where(Project.id == project_id).with_for_update(key_share=True)
    return await session.scalar(found) is not None


async def num_webhooks(session: AsyncSession, project_id: UUID) -> int:
    found = select(func.count()).select_from(Webhook).where(Webhook.project_id == project_id)
    return await session.scalar(found) or 0


async def webhook_exists(session: AsyncSession, webhook_id: UUID) -> bool:
    return bool(await session.scalar(select(exists().where(Webhook.id == webhook_id))))


async def lock_webhook(session: AsyncSession, webhook_id: UUID) -> Webhook | None:
    """A webhook for changes that let its deliveries be; other tasks may still add some."""
    found = select(Webhook).where(Webhook.id == webhook_id).with_for_update(key_share=True)
    return await session.scalar(found.execution_options(populate_existing=True))


async def listening(session: AsyncSession, project_id: UUID, event: str) -> Sequence[tuple[UUID, str]]:
    """The webhooks that are told of an event, each with its project's name. Until the commit none can be deleted."""
    found = (
        select(Webhook.id, Project.name)
        .join(Project, Project.id == Webhook.project_id)
        .where(Webhook.project_id == project_id, Webhook.pause.is_(None), Webhook.events.contains([event]))
        .where(_maker_may())
        .order_by(Webhook.id)
        .with_for_update(read=True, key_share=True, of=Webhook)
    )
    return [(row[0], row[1]) for row in await session.execute(found)]


async def claimable(session: AsyncSession, *, limit: int) -> Sequence[Webhook]:
    """Webhooks with something due that nobody is sending to, locked."""
    found = (
        select(Webhook)
        .where(Webhook.pause.is_(None), or_(Webhook.busy_until.is_(None), Webhook.busy_until <= func.now()))
        .where(_maker_may(), exists().where(WebhookDelivery.webhook_id == Webhook.id, _DUE).correlate(Webhook))
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return (await session.scalars(found)).all()


async def first_due(session: AsyncSession, webhook_ids: Collection[UUID]) -> Sequence[WebhookDelivery]:
    """Of each webhook the delivery that has waited longest."""
    found = (
        select(WebhookDelivery)
        .ext(distinct_on(WebhookDelivery.webhook_id))
        .where(WebhookDelivery.webhook_id.in_(webhook_ids), _DUE)
        .order_by(WebhookDelivery.webhook_id, WebhookDelivery.due_at, WebhookDelivery.id)
    )
    return (await session.scalars(found)).all()


async def lock_delivery(session: AsyncSession, webhook_id: UUID, delivery_id: UUID) -> WebhookDelivery | None:
    found = select(WebhookDelivery).where(WebhookDelivery.id == delivery_id, WebhookDelivery.webhook_id == webhook_id)
    return await session.scalar(found.with_for_update())


async def deliveries(session: AsyncSession, webhook_id: UUID, page: Page) -> Sequence[WebhookDelivery]:
    """A page of a webhook's deliveries, newest first."""
    found = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    rows = await page.rows(session, found, falling(WebhookDelivery.created_at), falling(WebhookDelivery.id))
    return [row[0] for row in rows]


async def pause_of_former_manager(session: AsyncSession, user_id: UUID) -> Sequence[Webhook]:
    """Pause the webhooks of a person who may no longer manage their projects. Returns those that it paused."""
    paused = update(Webhook).where(Webhook.maker_id == user_id, Webhook.pause.is_(None), ~_maker_may())
    changed = paused.values(pause=WebhookPause.maker_left).returning(Webhook)
    return (await session.scalars(changed.execution_options(synchronize_session=False))).all()
