from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.tables import ApiToken, SignIn, User

_A_MINUTE = timedelta(minutes=1)


async def user(session: AsyncSession, user_id: UUID) -> User | None:
    return await session.get(User, user_id)


async def signed_in(session: AsyncSession, token_sha256: str, *, idle: timedelta) -> tuple[SignIn, User] | None:
    """The sign-in that holds a token, and its person; None once it has ended. By the database's clock."""
    found = (
        select(SignIn, User)
        .join(User, User.id == SignIn.user_id)
        .where(
            SignIn.token_sha256 == token_sha256,
            SignIn.expires_at > func.now(),
            SignIn.last_seen_at > func.now() - idle,
            ~User.disabled,
        )
    )
    row = (await session.execute(found)).one_or_none()
    return None if row is None else (row[0], row[1])


async def token_holder(session: AsyncSession, token_sha256: str) -> tuple[ApiToken, User] | None:
    """The API token and its person; None once it has expired or was revoked."""
    found = (
        select(ApiToken, User)
        .join(User, User.id == ApiToken.user_id)
        .where(
            ApiToken.token_sha256 == token_sha256,
            ApiToken.expires_at > func.now(),
            ApiToken.revoked_at.is_(None),
            ~User.disabled,
        )
    )
    row = (await session.execute(found)).one_or_none()
    return None if row is None else (row[0], row[1])


async def note_seen(session: AsyncSession, sign_in_id: UUID) -> None:
    """Once a minute, so that reading does not mean writing."""
    stale = SignIn.last_seen_at < func.now() - _A_MINUTE
    await session.execute(update(SignIn).where(SignIn.id == sign_in_id, stale).values(last_seen_at=func.now()))


async def note_used(session: AsyncSession, token_id: UUID) -> None:
    """Once a minute."""
    stale = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < func.now() - _A_MINUTE)
    await session.execute(update(ApiToken).where(ApiToken.id == token_id, stale).values(last_used_at=func.now()))
