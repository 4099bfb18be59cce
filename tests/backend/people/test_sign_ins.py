"""Signing in: what opens a door, what does not, and what ends it."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from backend.db.engine import Sessions
from backend.people.sign_in.passwords import hash_password
from backend.settings import Settings
from backend.tables import SignIn, User
from tests.backend.accounts import COOKIE, add_person, browser, program, signed_in_secret, token_of
from tests.backend.running import RunningBackend, running_backend

PASSWORD = "correct horse battery"


async def person_with_password(sessions: Sessions, login: str = "ada@example.org") -> None:
    user_id = await add_person(sessions, login)
    hashed = await hash_password(PASSWORD)
    async with sessions.begin() as session:
        await session.execute(update(User).where(User.id == user_id).values(password_hash=hashed))


async def sign_in(client: httpx.AsyncClient, login: str, password: str) -> httpx.Response:
    return await client.post("/api/sign-in", json={"login": login, "password": password})


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


async def test_a_password_signs_in_whatever_the_case_of_the_login(site: RunningBackend, sessions: Sessions) -> None:
    await person_with_password(sessions)
    async with browser(site) as client:
        assert slug(await client.get("/api/projects")) == "not-signed-in"
        answer = await sign_in(client, " ADA@Example.org ", PASSWORD)
        assert answer.status_code == 200, answer.text
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        me = (await client.get("/api/me")).json()
        assert (me["login"], me["way"], me["is_admin"]) == ("ada@example.org", "browser", False)
        assert (await client.get("/api/projects")).json() == []


async def test_wrong_unknown_and_disabled_get_the_same_answer(site: RunningBackend, sessions: Sessions) -> None:
    await person_with_password(sessions)
    async with browser(site) as client:
        wrong = await sign_in(client, "ada@example.org", "wrong password")
        unknown = await sign_in(client, "nobody@example.org", PASSWORD)
        async with sessions.begin() as session:
            await session.execute(update(User).where(User.login == "ada@example.org").values(disabled=True))
        disabled = await sign_in(client, "ada@example.org", PASSWORD)
    assert wrong.status_code == unknown.status_code == disabled.status_code == 401
    assert wrong.json() == unknown.json() == disabled.json()


async def test_nothing_at_rest_opens_a_door(site: RunningBackend, sessions: Sessions) -> None:
    await person_with_password(sessions)
    async with browser(site) as client:
        await sign_in(client, "ada@example.org", PASSWORD)
        secret = client.cookies[COOKIE]
    async with sessions.begin() as session:
        stored = (await session.scalars(select(SignIn.token_sha256))).all()
        hashed = await session.scalar(select(User.password_hash).where(User.login == "ada@example.org"))
    assert len(secret) >= 43
    assert secret not in stored
    assert str(hashed).startswith("$argon2id$")
    async with browser(site, stored[0]) as thief:
        assert (await thief.get("/api/me")).status_code == 401


async def test_signing_in_gives_a_new_cookie_and_ends_the_old_one(site: RunningBackend, sessions: Sessions) -> None:
    """A cookie that somebody planted in the browser before opens nothing after."""
    await person_with_password(sessions)
    planted = await signed_in_secret(sessions, await add_person(sessions, "mallory"))
    async with browser(site, planted) as client:
        answer = await sign_in(client, "ada@example.org", PASSWORD)
        fresh = answer.cookies[COOKIE]
    assert fresh != planted
    async with browser(site, planted) as thief:
        assert (await thief.get("/api/me")).status_code == 401
    async with browser(site, "chosen-by-somebody-else-before-signing-in") as client:
        assert (await sign_in(client, "ada@example.org", PASSWORD)).cookies[COOKIE].startswith("chosen") is False


async def test_signing_out_ends_it_on_the_server(site: RunningBackend, sessions: Sessions) -> None:
    secret = await signed_in_secret(sessions, await add_person(sessions, "ada"))
    async with browser(site, secret) as client:
        assert (await client.post("/api/sign-out")).status_code == 204
    async with browser(site, secret) as client:
        assert (await client.get("/api/me")).status_code == 401


async def test_signing_out_everywhere_ends_every_browser(site: RunningBackend, sessions: Sessions) -> None:
    user_id = await add_person(sessions, "ada")
    secrets = [await signed_in_secret(sessions, user_id) for _ in range(3)]
    async with browser(site, secrets[0]) as client:
        listed = (await client.get("/api/me/sign-ins")).json()
        assert [found["is_this_one"] for found in listed].count(True) == 1
        other = next(found["id"] for found in listed if not found["is_this_one"])
        assert (await client.delete(f"/api/me/sign-ins/{other}")).status_code == 204
        assert len((await client.get("/api/me/sign-ins")).json()) == 2
        assert (await client.delete("/api/me/sign-ins")).status_code == 204
    for secret in secrets:
        async with browser(site, secret) as client:
            assert (await client.get("/api/me")).status_code == 401


@pytest.mark.parametrize(
    "change", [{"expires_at": timedelta(seconds=-1)}, {"last_seen_at": timedelta(hours=-73)}], ids=["absolute", "idle"]
)
async def test_a_sign_in_ends_by_itself(site: RunningBackend, sessions: Sessions, change: dict[str, Any]) -> None:
    secret = await signed_in_secret(sessions, await add_person(sessions, "ada"))
    values = {name: func.now() + offset for name, offset in change.items()}
    async with browser(site, secret) as client:
        assert (await client.get("/api/me")).status_code == 200
        async with sessions.begin() as session:
            await session.execute(update(SignIn).values(values))
        assert (await client.get("/api/me")).status_code == 401


async def test_a_disabled_person_is_out_at_once(site: RunningBackend, sessions: Sessions) -> None:
    user_id = await add_person(sessions, "ada")
    secret, token = await signed_in_secret(sessions, user_id), await token_of(sessions, user_id, "view")
    async with browser(site, secret) as page, program(site, token) as tool:
        assert [(await client.get("/api/me")).status_code for client in (page, tool)] == [200, 200]
        async with sessions.begin() as session:
            await session.execute(update(User).values(disabled=True))
        assert [(await client.get("/api/me")).status_code for client in (page, tool)] == [401, 401]


async def test_a_changed_password_signs_every_other_browser_out(site: RunningBackend, sessions: Sessions) -> None:
    await person_with_password(sessions)
    async with browser(site) as here, browser(site) as there:
        for client in (here, there):
            assert (await sign_in(client, "ada@example.org", PASSWORD)).status_code == 200
        wrong = await here.put("/api/me/password", json={"old": "wrong", "new": "a new password"})
        assert slug(wrong) == "wrong-password"
        changed = await here.put("/api/me/password", json={"old": PASSWORD, "new": "a new password"})
        assert changed.status_code == 204
        assert (await here.get("/api/me")).status_code == 200
        assert (await there.get("/api/me")).status_code == 401
        assert (await sign_in(there, "ada@example.org", PASSWORD)).status_code == 401
        assert (await sign_in(there, "ada@example.org", "a new password")).status_code == 200


@pytest.mark.parametrize("change", [{"password_hash": "another"}, {"disabled": True}], ids=["password", "disabled"])
async def test_a_password_that_ends_while_it_is_checked_lets_nobody_in(
    site: RunningBackend, sessions: Sessions, change: dict[str, Any]
) -> None:
    """Whoever changes a password or disables an account has signed everybody out by then."""
    await person_with_password(sessions)
    async with browser(site) as client:
        async with sessions.begin() as session:
            await session.execute(update(User).where(User.login == "ada@example.org").values(**change))
            signing_in = asyncio.ensure_future(sign_in(client, "ada@example.org", PASSWORD))
            await asyncio.sleep(1.5)  # the password is right, and its check takes a while
        assert slug(await signing_in) == "wrong-password"
    async with sessions.begin() as session:
        assert (await session.scalars(select(SignIn.id))).all() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ],
    ids=["another origin", "cross-site", "another host of ours", "nothing said"],
)
async def test_no_other_page_writes_with_the_cookie(
    site: RunningBackend, sessions: Sessions, headers: dict[str, str]
) -> None:
    secret = await signed_in_secret(sessions, await add_person(sessions, "ada"))
    async with httpx.AsyncClient(base_url=site.url, cookies={COOKIE: secret}, headers=headers) as client:
        refused = await client.post("/api/projects", json={"name": "X"})
        assert (refused.status_code, slug(refused)) == (403, "foreign-origin")
    async with browser(site, secret) as client:
        assert (await client.get("/api/projects")).json() == []
        form = await client.post(
            "/api/projects", content=b'{"name": "X"}', headers={"Content-Type": "text/plain;charset=UTF-8"}
        )
        assert form.status_code == 422
        assert (await client.post("/api/projects", json={"name": "X"})).status_code == 201


async def test_a_token_needs_no_origin_and_its_cookie_does_not_count(site: RunningBackend, sessions: Sessions) -> None:
    user_id = await add_person(sessions, "ada")
    secret, token = await signed_in_secret(sessions, user_id), await token_of(sessions, user_id, "create")
    async with program(site, token) as tool:
        assert (await tool.post("/api/projects", json={"name": "X"})).status_code == 201
    async with program(site, "mlt_wrong") as tool:
        tool.cookies.set(COOKIE, secret)
        assert (await tool.get("/api/me")).status_code == 401


async def test_an_expired_token_opens_nothing(site: RunningBackend, sessions: Sessions) -> None:
    user_id = await add_person(sessions, "ada")
    token = await token_of(sessions, user_id, "view", lasts=timedelta(seconds=-1))
    async with program(site, token) as tool:
        assert slug(await tool.get("/api/me")) == "not-signed-in"


async def test_a_token_cannot_touch_the_account(site: RunningBackend, sessions: Sessions) -> None:
    user_id = await add_person(sessions, "ada", is_admin=True)
    token = await token_of(sessions, user_id, "view", "create", "manage", "administer", "account")
    async with program(site, token) as tool:
        assert (await tool.get("/api/me")).status_code == 200
        for method, path in (("GET", "/api/me/sign-ins"), ("DELETE", "/api/me/sign-ins")):
            assert (await tool.request(method, path)).status_code == 403


async def test_behind_https_the_cookie_is_the_hosts_own(database_url: str, data_dir: Path, sessions: Sessions) -> None:
    settings = Settings(
        database_url=database_url,
        data_dir=data_dir,
        model_url="http://127.0.0.1:1",
        sign_in="accounts",
        public_origin="https://maskloom.example.org:443/",
    )
    await person_with_password(sessions)
    async with running_backend(settings) as site:
        headers = {"Host": "maskloom.example.org", "Origin": "https://maskloom.example.org"}
        answer = await site.client.post(
            "/api/sign-in", json={"login": "ada@example.org", "password": PASSWORD}, headers=headers
        )
        assert answer.status_code == 200, answer.text
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-maskloom=")
        assert all(part in cookie for part in ("Secure", "Path=/", "HttpOnly"))
        assert "Domain" not in cookie
        foreign = await site.client.get("/api/health", headers={"Host": "evil.example"})
        assert foreign.status_code == 421
        plain = {"Host": "maskloom.example.org", "Origin": "http://maskloom.example.org"}
        assert (await site.client.post("/api/sign-out", headers=plain)).status_code == 403


def test_other_machines_are_let_in_with_accounts_only() -> None:
    with pytest.raises(ValueError, match="MASKLOOM_SIGN_IN=accounts"):
        Settings(public_origin="https://maskloom.example.org")
    with pytest.raises(ValueError, match="without a path"):
        Settings(public_origin="https://maskloom.example.org/here", sign_in="accounts")


async def test_on_a_persons_own_machine_every_request_is_theirs(backend: RunningBackend) -> None:
    me = (await backend.client.get("/api/me")).json()
    assert (me["name"], me["way"], me["is_admin"]) == ("Owner", "local", True)
    assert (await backend.client.get("/api/sign-in")).json()["mode"] == "local"
    refused = await sign_in(backend.client, "ada", PASSWORD)
    assert slug(refused) == "signed-in-locally"


async def test_a_page_does_nothing_in_the_name_of_whoever_signed_in_after(
    site: RunningBackend, sessions: Sessions
) -> None:
    """Ada's page stays open while Ben signs in in another tab: what it still sends is hers, and waits for her."""
    ada, ben = [await add_person(sessions, name) for name in ("ada", "ben")]
    async with browser(site, await signed_in_secret(sessions, ben)) as client:
        for path, body in (("/api/activity", {"events": []}), ("/api/projects", {"name": "Ada's"})):
            refused = await client.post(path, json=body, headers={"Maskloom-Person": str(ada)})
            assert slug(refused) == "not-signed-in"
            own = await client.post(path, json=body, headers={"Maskloom-Person": str(ben)})
            assert own.is_success
        assert len((await client.get("/api/projects")).json()) == 1
