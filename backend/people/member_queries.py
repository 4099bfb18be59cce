"""Queries for members, API tokens and the audit trail."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.page import Page, falling, rising
from backend.people.queries import CAN_SIGN_IN
from backend.tables import ApiToken, AuditEntry, Membership, Project, SignIn, User
from backend.tables.states import Role

_NUM_PROJECTS = select(func.count()).where(Membership.user_id == User.id).scalar_subquery()
_LAST_SEEN = select(func.max(SignIn.last_seen_at)).where(SignIn.user_id == User.id).scalar_subquery()


async def members(session: AsyncSession, project_id: UUID, page: Page) -> Sequence[tuple[Membership, User]]:
    """A page of a project's members by name."""
    found = select(Membership, User).join(User, User.id == Membership.user_id)
    found = found.where(Membership.project_id == project_id)
    rows = await page.rows(session, found, rising(User.name), rising(User.id))
    return [(row[0], row[1]) for row in rows]


async def lock_members(session: AsyncSession, project_id: UUID) -> dict[UUID, Membership]:
    """All members of a project, locked, so that concurrent changes cannot remove the last two managers."""
    await session.execute(select(Project.id).where(Project.id == project_id).with_for_update())
    found = await session.scalars(select(Membership).where(Membership.project_id == project_id).with_for_update())
    return {membership.user_id: membership for membership in found}


async def able_managers(session: AsyncSession, project_id: UUID) -> set[UUID]:
    """A project's managers whose accounts are not disabled."""
    found = select(Membership.user_id).join(User, User.id == Membership.user_id)
    own = found.where(Membership.project_id == project_id, Membership.role == Role.manager, ~User.disabled)
    return set(await session.scalars(own))


async def users(session: AsyncSession, page: Page) -> Sequence[tuple[User, int, datetime | None]]:
    """A page of the accounts by name, each with its number of projects and when it was last seen."""
    rows = await page.rows(session, select(User, _NUM_PROJECTS, _LAST_SEEN), rising(User.name), rising(User.id))
    return [(row[0], row[1], row[2]) for row in rows]


async def present_user(session: AsyncSession, user_id: UUID) -> tuple[User, int, datetime | None]:
    """One account with the same facts."""
    row = (await session.execute(select(User, _NUM_PROJECTS, _LAST_SEEN).where(User.id == user_id))).one()
    return row[0], row[1], row[2]


async def lock_able_administrators(session: AsyncSession) -> set[UUID]:
    """The administrators who can sign in, locked."""
    able = select(User).where(User.is_admin, CAN_SIGN_IN).order_by(User.id)
    return {user.id for user in await session.scalars(able.with_for_update())}


async def tokens_of(session: AsyncSession, user_id: UUID, page: Page) -> Sequence[ApiToken]:
    """A page of a person's API tokens that have not been revoked, newest first."""
    mine = select(ApiToken).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    rows = await page.rows(session, mine, falling(ApiToken.created_at), falling(ApiToken.id))
    return [row[0] for row in rows]


async def live_tokens(session: AsyncSession, user_id: UUID) -> Sequence[ApiToken]:
    """A person's API tokens that still work, locked."""
    live = select(ApiToken).where(
        ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > func.now()
    )
    return (await session.scalars(live.order_by(ApiToken.id).with_for_update())).all()


async def roles_of(session: AsyncSession, user_id: UUID) -> dict[UUID, Role]:
    """A person's roles by project."""
    found = await session.execute(select(Membership.project_id, Membership.role).where(Membership.user_id == user_id))
    return {row.project_id: row.role for row in found}


async def revoke_token(session: AsyncSession, user_id: UUID, token_id: UUID) -> ApiToken | None:
    own = (ApiToken.id == token_id, ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    return await session.scalar(update(ApiToken).where(*own).values(revoked_at=func.now()).returning(ApiToken))


async def project_exists(session: AsyncSession, project_id: UUID) -> bool:
    return bool(await session.scalar(select(exists().where(Project.id == project_id))))


async def audit_entries(
    session: AsyncSession, *, project_id: UUID | None, before: int | None, limit: int
) -> Sequence[tuple[AuditEntry, str | None, str | None]]:
    """Entries with the names of actor and project, newest first; without a project, those of the whole site."""
    found = (
        select(AuditEntry, User.name, Project.name)
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .outerjoin(Project, Project.id == AuditEntry.project_id)
        .order_by(AuditEntry.order.desc())
        .limit(limit)
    )
    if project_id is not None:
        found = found.where(AuditEntry.project_id == project_id)
    if before is not None:
        found = found.where(AuditEntry.order < before)
    return [(row[0], row[1], row[2]) for row in await session.execute(found)]
