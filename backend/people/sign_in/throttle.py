"""A limit on sign-in attempts per login and per address, counted in Postgres so that all backends count together."""

from datetime import timedelta

from sqlalchemy import delete, func
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.secrets import sha256
from backend.db.engine import Sessions
from backend.people import queries
from backend.people.problems import TooManyAttempts
from backend.tables import SignInAttempt

WINDOW = timedelta(minutes=15)
PER_LOGIN = 10
PER_ADDRESS = 50  # an office shares one
_FORGOTTEN_AFTER = timedelta(hours=1)


async def count_attempt(sessions: Sessions, login: str, address: str) -> None:
    """Note an attempt, committed before it is judged, so that a hundred at once are a hundred.

    Raises:
        TooManyAttempts: it is not to be judged at all.
    """
    key = _key(login)
    async with sessions.begin() as session:
        await session.execute(delete(SignInAttempt).where(SignInAttempt.created_at < func.now() - _FORGOTTEN_AFTER))
        session.add(SignInAttempt(login_sha256=key, address=address))
    async with sessions.begin() as session:
        of_login, of_address = await queries.count_attempts(session, login_sha256=key, address=address, within=WINDOW)
    if of_login > PER_LOGIN or of_address > PER_ADDRESS:
        raise TooManyAttempts(extra={"retry_after_seconds": int(WINDOW.total_seconds())})


async def forget_attempts(session: AsyncSession, login: str) -> None:
    """They were the person's own: they got in."""
    await session.execute(delete(SignInAttempt).where(SignInAttempt.login_sha256 == _key(login)))


def _key(login: str) -> str:
    return sha256(login.strip().lower())
