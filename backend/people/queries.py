"""Queries for accounts and sign-ins."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.page import Page, falling
from backend.tables import Identity, Membership, Project, SignIn, User
from backend.tables.user import login_key


async def user(session: AsyncSession, user_id: UUID) -> User | None:
    return await session.get(User, user_id)


async def lock_user(session: AsyncSession, user_id: UUID) -> User | None:
    """An account as it is now. Until the transaction ends, nobody disables it or changes its password."""
    return await session.get(User, user_id, with_for_update={"read": True}, populate_existing=True)


async def user_by_login(session: AsyncSession, login: str) -> User | None:
    return await session.scalar(select(User).where(User.login_key == login_key(login)))


async def user_by_email(session: AsyncSession, email: str) -> User | None:
    """The account that was invited with this address."""
    return await session.scalar(select(User).where(User.email == login_key(email)))


async def has_identity(session: AsyncSession, user_id: UUID) -> bool:
    return bool(await session.scalar(select(exists().where(Identity.user_id == user_id))))


CAN_SIGN_IN = and_(
    ~User.disabled, or_(User.login.is_not(None), exists().where(Identity.user_id == User.id).correlate(User))
)
"""The account is not disabled, and has a login or a provider's identity."""


async def has_administrator(session: AsyncSession) -> bool:
    """Whether an administrator can sign in."""
    return await session.scalar(select(User.id).where(User.is_admin, CAN_SIGN_IN).limit(1)) is not None


async def user_of_identity(session: AsyncSession, issuer: str, subject: str) -> User | None:
    known = select(User).join(Identity, Identity.user_id == User.id)
    return await session.scalar(known.where(Identity.issuer == issuer, Identity.subject == subject))


async def sign_ins_of(session: AsyncSession, user_id: UUID, page: Page, *, idle: timedelta) -> Sequence[SignIn]:
    """A page of a person's sign-ins that have not ended, most recently used first."""
    holds = (SignIn.expires_at > func.now()) & (SignIn.last_seen_at > func.now() - idle)
    mine = select(SignIn).where(SignIn.user_id == user_id, holds)
    rows = await page.rows(session, mine, falling(SignIn.last_seen_at), falling(SignIn.id))
    return [row[0] for row in rows]


async def end_sign_ins(session: AsyncSession, user_id: UUID, *, except_id: UUID | None = None) -> int:
    """Sign a person out of all browsers, but not of `except_id`. Returns the number of browsers."""
    ended = delete(SignIn).where(SignIn.user_id == user_id, SignIn.id.is_distinct_from(except_id)).returning(SignIn.id)
    return len((await session.scalars(ended)).all())


async def end_sign_in(session: AsyncSession, user_id: UUID, sign_in_id: UUID) -> bool:
    ended = delete(SignIn).where(SignIn.user_id == user_id, SignIn.id == sign_in_id).returning(SignIn.id)
    return (await session.execute(ended)).first() is not None


async def end_sign_in_by_token(session: AsyncSession, token_sha256: str) -> None:
    await session.execute(delete(SignIn).where(SignIn.token_sha256 == token_sha256))


async def forget_ended_sign_ins(session: AsyncSession) -> None:
    await session.execute(delete(SignIn).where(SignIn.expires_at < func.now()))


async def project_name(session: AsyncSession, project_id: UUID) -> str | None:
    return await session.scalar(select(Project.name).where(Project.id == project_id))


async def membership(session: AsyncSession, project_id: UUID, user_id: UUID) -> Membership | None:
    return await session.get(Membership, (project_id, user_id))
