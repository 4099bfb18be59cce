"""The limit on sign-in attempts per login and per address, counted in Postgres across all backends."""

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
PER_ADDRESS = 50  # higher, because an office may share one
_FORGOTTEN_AFTER = timedelta(hours=1)


async def count_attempt(sessions: Sessions, login: str, address: str) -> None:
    """Record an attempt, and check the limits. It is committed first, so that concurrent attempts all count.

    Raises:
        TooManyAttempts: the password must not be checked at all.
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
    """Forget the attempts with a login after a successful one."""
    await session.execute(delete(SignInAttempt).where(SignInAttempt.login_sha256 == _key(login)))


def _key(login: str) -> str:
    return sha256(login.strip().lower())
