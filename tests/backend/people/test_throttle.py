"""Guessing passwords is slow, and shuts out nobody but whoever guesses."""

import asyncio

import httpx
import pytest
from sqlalchemy import func, select, text

from backend.db.engine import Sessions
from backend.people.sign_in.throttle import FREELY_PER_LOGIN, PER_ADDRESS, PER_LOGIN
from backend.tables import SignInAttempt
from tests.backend.accounts import COOKIE, add_person, browser
from tests.backend.people.test_sign_ins import PASSWORD, person_with_password, sign_in, slug
from tests.backend.running import RunningBackend

ADA = "ada@example.org"


def elsewhere(site: RunningBackend, number: int = 2) -> httpx.AsyncClient:
    """A browser at another address of this machine."""
    transport = httpx.AsyncHTTPTransport(local_address=f"127.0.0.{number}")
    return httpx.AsyncClient(base_url=site.url, timeout=30, headers={"Origin": site.url}, transport=transport)


async def guess(client: httpx.AsyncClient, times: int, login: str = ADA) -> httpx.Response:
    for _ in range(times):
        answer = await sign_in(client, login, "wrong password")
    return answer


async def pass_by(sessions: Sessions, minutes: float) -> None:
    async with sessions.begin() as session:
        await session.execute(
            text("UPDATE sign_in_attempts SET created_at = created_at - make_interval(secs => :seconds)"),
            {"seconds": 60 * minutes},
        )


async def test_guessing_is_refused_after_ten_wrong_passwords_and_told_how_long(
    site: RunningBackend, sessions: Sessions
) -> None:
    await person_with_password(sessions)
    async with browser(site) as client:
        assert (await guess(client, PER_LOGIN)).status_code == 401
        refused = await sign_in(client, " ADA@example.org", PASSWORD)
        assert (refused.status_code, slug(refused)) == (429, "too-many-attempts")
        assert 850 < int(refused.headers["retry-after"]) <= 900
        await pass_by(sessions, 10)
        assert 250 < int((await sign_in(client, ADA, PASSWORD)).headers["retry-after"]) <= 300
        await pass_by(sessions, 5.1)
        assert (await sign_in(client, ADA, PASSWORD)).status_code == 200


async def test_refused_tries_do_not_count(site: RunningBackend, sessions: Sessions) -> None:
    await person_with_password(sessions)
    async with browser(site) as client:
        await guess(client, PER_LOGIN)
        await pass_by(sessions, 14.5)
        assert (await guess(client, 5)).status_code == 429
        await pass_by(sessions, 0.6)
        assert (await sign_in(client, ADA, PASSWORD)).status_code == 200


async def test_concurrent_guesses_all_count(site: RunningBackend, sessions: Sessions) -> None:
    await person_with_password(sessions)
    async with browser(site) as client:
        answers = await asyncio.gather(*(sign_in(client, ADA, f"wrong {n}") for n in range(PER_LOGIN + 5)))
    assert sorted(answer.status_code for answer in answers) == [401] * PER_LOGIN + [429] * 5


async def test_a_stranger_locks_nobody_out(site: RunningBackend, sessions: Sessions) -> None:
    """Not who is signed in, not who was signed in here before, not who comes from another address."""
    await person_with_password(sessions)
    async with browser(site) as known, browser(site) as stranger, elsewhere(site) as other:
        assert (await sign_in(known, ADA, PASSWORD)).status_code == 200
        await guess(stranger, PER_LOGIN)
        assert (await sign_in(stranger, ADA, PASSWORD)).status_code == 429
        wrong = await known.put("/api/me/password", json={"old": "wrong", "new": "a new password"})
        assert slug(wrong) == "wrong-password"
        changed = await known.put("/api/me/password", json={"old": PASSWORD, "new": "a new password"})
        assert changed.status_code == 204
        assert (await known.post("/api/sign-out")).status_code == 204
        assert COOKIE not in known.cookies
        assert (await sign_in(known, ADA, "a new password")).status_code == 200
        assert (await sign_in(other, ADA, "a new password")).status_code == 200
        assert (await sign_in(stranger, ADA, "a new password")).status_code == 429


async def test_guesses_of_the_old_password_are_limited_in_each_browser(
    site: RunningBackend, sessions: Sessions
) -> None:
    await person_with_password(sessions)
    async with browser(site) as thief, browser(site) as owner:
        for client in (thief, owner):
            assert (await sign_in(client, ADA, PASSWORD)).status_code == 200
        for _ in range(PER_LOGIN):
            await thief.put("/api/me/password", json={"old": "wrong", "new": "a new password"})
        refused = await thief.put("/api/me/password", json={"old": PASSWORD, "new": "a new password"})
        assert (refused.status_code, "retry-after" in refused.headers) == (429, True)
        changed = await owner.put("/api/me/password", json={"old": PASSWORD, "new": "a new password"})
        assert changed.status_code == 204


async def test_a_known_browser_is_known_for_its_person_alone_and_counts_too(
    site: RunningBackend, sessions: Sessions
) -> None:
    await person_with_password(sessions)
    await person_with_password(sessions, "mallory")
    async with browser(site) as mallory:
        assert (await sign_in(mallory, "mallory", PASSWORD)).status_code == 200
        assert (await guess(mallory, PER_LOGIN + 1)).status_code == 429
        assert (await guess(mallory, PER_LOGIN + 1, "mallory")).status_code == 429


async def test_an_address_is_slowed_down_whatever_logins_it_tries(site: RunningBackend, sessions: Sessions) -> None:
    await person_with_password(sessions)
    async with sessions.begin() as session:
        await session.execute(
            text(
                "INSERT INTO sign_in_attempts (login_sha256, address)"
                f" SELECT md5(n::text), '127.0.0.1' FROM generate_series(1, {PER_ADDRESS}) n"
            )
        )
    async with browser(site) as client, elsewhere(site) as other:
        assert (await sign_in(client, "somebody.else", "wrong password")).status_code == 429
        assert (await sign_in(other, ADA, PASSWORD)).status_code == 200


async def test_an_attack_from_many_addresses_makes_strangers_wait_for_seconds(
    site: RunningBackend, sessions: Sessions
) -> None:
    await person_with_password(sessions)
    async with browser(site) as known, elsewhere(site, 9) as stranger:
        assert (await sign_in(known, ADA, PASSWORD)).status_code == 200
        for number in range(2, 2 + FREELY_PER_LOGIN // 10):
            async with elsewhere(site, number) as attacker:
                assert (await guess(attacker, 10)).status_code == 401
        refused = await sign_in(stranger, ADA, PASSWORD)
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) <= 20
        assert (await sign_in(known, ADA, PASSWORD)).status_code == 200
        await pass_by(sessions, 0.4)
        assert (await sign_in(stranger, ADA, PASSWORD)).status_code == 200


@pytest.mark.parametrize("login", [ADA, "nobody@example.org"])
async def test_an_unknown_login_is_throttled_as_a_known_one(
    site: RunningBackend, sessions: Sessions, login: str
) -> None:
    await person_with_password(sessions)
    await add_person(sessions, "grace")
    async with browser(site) as client:
        assert (await guess(client, PER_LOGIN, login)).status_code == 401
        assert (await guess(client, 1, login)).status_code == 429
    async with sessions.begin() as session:
        assert await session.scalar(select(func.count()).select_from(SignInAttempt)) == PER_LOGIN
