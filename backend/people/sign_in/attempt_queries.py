"""Queries for wrong guesses of passwords, and for the browsers that people have signed in with before."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from backend.tables import KnownBrowser, SignInAttempt


async def take_turn(session: AsyncSession, *names: str) -> None:
    """Until the transaction ends, nobody else counts under these names."""
    for name in sorted(names):
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


async def ages(
    session: AsyncSession, *, within: timedelta, subject: str | None = None, place: str | None = None
) -> Sequence[float]:
    """The ages in seconds of guesses about this subject, from this place, or both; the youngest first."""
    age = func.extract("epoch", func.clock_timestamp() - SignInAttempt.created_at)
    found = (
        select(age)
        .where(SignInAttempt.created_at > func.clock_timestamp() - within)
        .where(true() if subject is None else SignInAttempt.login_sha256 == subject)
        .where(true() if place is None else SignInAttempt.address == place)
        .order_by(SignInAttempt.created_at.desc())
    )
    return [float(seconds) for seconds in await session.scalars(found)]


async def known_browser(session: AsyncSession, user_id: UUID, secret_sha256: str) -> KnownBrowser | None:
    return await session.scalar(
        select(KnownBrowser).where(KnownBrowser.user_id == user_id, KnownBrowser.secret_sha256 == secret_sha256)
    )
