"""Queries for one-time links. A link that somebody made works while they may still make it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.auth.permissions import ALLOWED, Permission
from backend.page import Page, falling
from backend.tables import AuditEntry, Membership, OneTimeLink, User
from backend.tables.states import LinkKind

MEMBER_REMOVED = "member.removed"
"""What the audit trail calls it."""

_MANAGING = [role for role, permissions in ALLOWED.items() if Permission.manage in permissions]
_UNUSED = and_(OneTimeLink.used_at.is_(None), OneTimeLink.revoked_at.is_(None), OneTimeLink.expires_at > func.now())
_MANAGED = (
    exists()
    .where(
        Membership.project_id == OneTimeLink.project_id,
        Membership.user_id == OneTimeLink.created_by,
        Membership.role.in_(_MANAGING),
    )
    .correlate_except(Membership)
)
_MAKER = aliased(User)  # a query may name the maker itself
_MAKER_STILL_MAY = or_(
    OneTimeLink.created_by.is_(None),  # made at the console
    exists()
    .where(
        _MAKER.id == OneTimeLink.created_by,
        ~_MAKER.disabled,
        or_(_MAKER.is_admin, and_(OneTimeLink.kind == LinkKind.invitation, _MANAGED)),
    )
    .correlate_except(_MAKER),
)


async def valid_link(session: AsyncSession, token_sha256: str, *, lock: bool = False) -> OneTimeLink | None:
    """A link that can still be used. With `lock`, nobody else can use it before the transaction ends."""
    found = select(OneTimeLink).where(OneTimeLink.token_sha256 == token_sha256, _UNUSED, _MAKER_STILL_MAY)
    return await session.scalar(found.with_for_update() if lock else found)


async def void_links_by(session: AsyncSession, user_id: UUID) -> int:
    """Revoke the open links that a person made and may no longer make. Returns their number."""
    void = update(OneTimeLink).where(OneTimeLink.created_by == user_id, _UNUSED, ~_MAKER_STILL_MAY)
    ended = void.values(revoked_at=func.now()).returning(OneTimeLink.id).execution_options(synchronize_session=False)
    return len((await session.scalars(ended)).all())


async def void_links_for(session: AsyncSession, user_id: UUID) -> int:
    """Revoke the open links that set a person's password. Returns their number."""
    void = update(OneTimeLink).where(OneTimeLink.user_id == user_id, _UNUSED)
    ended = void.values(revoked_at=func.now()).returning(OneTimeLink.id).execution_options(synchronize_session=False)
    return len((await session.scalars(ended)).all())


async def removed_since(session: AsyncSession, link: OneTimeLink, user_id: UUID) -> bool:
    """Whether the person was removed from the link's project after the link was made."""
    removed = exists().where(
        AuditEntry.project_id == link.project_id,
        AuditEntry.object_id == user_id,
        AuditEntry.action == MEMBER_REMOVED,
        AuditEntry.created_at > link.created_at,
    )
    return bool(await session.scalar(select(removed)))


async def is_invited(session: AsyncSession, email: str) -> bool:
    """Whether somebody was invited with this address, given as its `login_key`, with an account or not yet."""
    open_link = exists().where(OneTimeLink.email == email, _UNUSED)
    return bool(await session.scalar(select(or_(exists().where(User.email == email), open_link))))


async def open_invitations(
    session: AsyncSession, project_id: UUID | None, page: Page
) -> Sequence[tuple[OneTimeLink, str | None]]:
    """A page of the invitations that can still be used, each with its maker's name.

    Without a project, those to the site alone.
    """
    found = (
        select(OneTimeLink, User.name)
        .outerjoin(User, User.id == OneTimeLink.created_by)
        .where(OneTimeLink.project_id.is_not_distinct_from(project_id), OneTimeLink.kind == LinkKind.invitation)
        .where(_UNUSED, _MAKER_STILL_MAY)
    )
    rows = await page.rows(session, found, falling(OneTimeLink.created_at), falling(OneTimeLink.id))
    return [(row[0], row[1]) for row in rows]


async def withdraw_invitation(session: AsyncSession, link_id: UUID, *, project_id: UUID | None) -> OneTimeLink | None:
    """End an unused invitation; None if there is no such one."""
    ended = update(OneTimeLink).where(
        OneTimeLink.id == link_id,
        OneTimeLink.project_id.is_not_distinct_from(project_id),
        OneTimeLink.kind == LinkKind.invitation,
        _UNUSED,
    )
    return await session.scalar(ended.values(revoked_at=func.now()).returning(OneTimeLink))
