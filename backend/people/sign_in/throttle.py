"""The limits on guessing passwords, counted in Postgres across all backends. Only wrong guesses count.

A browser that has signed in before is known by a cookie and has a count of its own, so nobody else can shut it out.
Other browsers share counts: by login and address, by address, and by login alone. The last only makes them wait a
little between guesses, because an attacker with many addresses would otherwise keep everybody out.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.secrets import sha256
from backend.db.engine import Sessions
from backend.people.problems import TooManyAttempts
from backend.people.sign_in import attempt_queries
from backend.tables import SignInAttempt
from backend.tables.user import login_key

WINDOW = timedelta(minutes=15)
PER_LOGIN = 10  # from one address, or one known browser
PER_ADDRESS = 50  # higher, because an office may share one
FREELY_PER_LOGIN = 30  # from all addresses together; further strangers wait
PAUSE = timedelta(seconds=20)
_FORGOTTEN_AFTER = timedelta(hours=1)
_NETWORK_BITS = 64  # of an IPv6 address: whoever has one has all with the same


@dataclass(frozen=True, slots=True)
class Guess:
    """Whose password is tried, and from where."""

    subject: str
    place: str
    known: bool  # the place is one from which this person came before, and nobody else can spoil it

    @classmethod
    def from_stranger(cls, login: str, address: str) -> "Guess":
        return cls(sha256(login_key(login)), _network(address), known=False)

    @classmethod
    def from_known_browser(cls, login: str, browser_sha256: str) -> "Guess":
        return cls(sha256(login_key(login)), f"browser {browser_sha256}", known=True)

    @classmethod
    def from_signed_in(cls, user_id: object, sign_in_id: object) -> "Guess":
        """Of the old password, by somebody who wants a new one."""
        return cls(sha256(f"change {user_id}"), f"sign-in {sign_in_id}", known=True)


async def begin_guess(sessions: Sessions, guess: Guess) -> int:
    """Count a guess before the password is checked, so that concurrent ones all count. Returns its id.

    Raises:
        TooManyAttempts: the password must not be checked at all. This try does not count.
    """
    async with sessions.begin() as session:
        await attempt_queries.take_turn(session, guess.subject, guess.place)
        await session.execute(delete(SignInAttempt).where(SignInAttempt.created_at < func.now() - _FORGOTTEN_AFTER))
        seconds = await _seconds_to_wait(session, guess)
        if seconds == 0:
            attempt = SignInAttempt(login_sha256=guess.subject, address=guess.place)
            session.add(attempt)
            await session.flush()
            return attempt.id
    problem = TooManyAttempts(f"Too many wrong passwords. Try again in {_in_words(seconds)}.")
    problem.retry_after_seconds = seconds
    raise problem


async def forgive(session: AsyncSession, guess: Guess) -> None:
    """The password was right: forget the guesses from this place. Those of others still count."""
    await session.execute(
        delete(SignInAttempt).where(SignInAttempt.login_sha256 == guess.subject, SignInAttempt.address == guess.place)
    )


async def _seconds_to_wait(session: AsyncSession, guess: Guess) -> int:
    ages = await attempt_queries.ages(session, within=WINDOW, subject=guess.subject, place=guess.place)
    waits = [_until_fewer(ages, PER_LOGIN)]
    if not guess.known:
        of_place = await attempt_queries.ages(session, within=WINDOW, place=guess.place)
        of_subject = await attempt_queries.ages(session, within=WINDOW, subject=guess.subject)
        waits.append(_until_fewer(of_place, PER_ADDRESS))
        if len(of_subject) >= FREELY_PER_LOGIN:
            waits.append(PAUSE.total_seconds() - of_subject[0])
    longest = max(waits)
    return max(1, round(longest)) if longest > 0 else 0


def _until_fewer(ages: Sequence[float], limit: int) -> float:
    """Seconds until fewer than `limit` guesses lie in the window. Ages are in seconds, the youngest first."""
    return WINDOW.total_seconds() - ages[limit - 1] if len(ages) >= limit else 0.0


def _in_words(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 100 else f"{round(seconds / 60)} minutes"


def _network(address: str) -> str:
    """What counts as one address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6 and found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _NETWORK_BITS), strict=False)) if found.version == 6 else str(found)
