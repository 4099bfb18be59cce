"""Signing in with an OpenID provider: a real one, over the network, in the test's process."""

import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from backend.db.engine import Sessions
from backend.people.sign_in.links import make_link
from backend.settings import Settings
from backend.tables import Project
from backend.tables.states import LinkKind, Role
from backend.tables.user import LOCAL_OWNER_ID
from tests.backend.accounts import COOKIE, add_person, browser, program
from tests.backend.people.openid_provider import CLIENT_ID, CLIENT_SECRET, Provider, openid_provider
from tests.backend.running import RunningBackend, running_backend


@pytest.fixture
def provider() -> Iterator[Provider]:
    with openid_provider() as provider:
        yield provider


@pytest.fixture
async def site(database_url: str, data_dir: Path, provider: Provider) -> AsyncIterator[RunningBackend]:
    settings = Settings(
        database_url=database_url,
        data_dir=data_dir,
        model_url="http://127.0.0.1:1",
        sign_in="accounts",
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=SecretStr(CLIENT_SECRET),
        oidc_name="Example",
    )
    async with running_backend(settings) as running:
        yield running


async def go(client: httpx.AsyncClient, **errand: str) -> str:
    """There and back: the address that the provider sends the browser to."""
    answer = await client.post("/api/sign-in/provider", json=errand)
    assert answer.status_code == 200, answer.text
    async with httpx.AsyncClient() as elsewhere:
        return str((await elsewhere.get(answer.json()["address"])).headers["location"])


async def round_trip(client: httpx.AsyncClient, **errand: str) -> str:
    """Where the browser ends up."""
    back = await client.get(await go(client, **errand))
    assert back.status_code == 303, back.text
    return str(back.headers["location"])


async def test_a_verified_address_signs_in_the_account_that_was_invited_with_it(
    site: RunningBackend, sessions: Sessions, provider: Provider
) -> None:
    user_id = await add_person(sessions, "ada", email="ada@example.org")
    async with browser(site) as client:
        assert (await client.get("/api/sign-in")).json()["providers"] == ["Example"]
        assert await round_trip(client, place="/projects/1?x=2") == "/projects/1?x=2"
        assert (await client.get("/api/me")).json()["id"] == str(user_id)
    provider.claims = {"email": "other@example.org"}  # known by the subject from now on
    async with browser(site) as client:
        assert await round_trip(client) == "/"
        assert (await client.get("/api/me")).json()["id"] == str(user_id)


async def test_nobody_gets_an_account_by_knowing_a_provider(site: RunningBackend, sessions: Sessions) -> None:
    async with browser(site) as client:
        assert await round_trip(client) == "/sign-in?problem=not-invited"
        assert COOKIE not in client.cookies


async def test_an_unverified_address_is_nobodys(site: RunningBackend, sessions: Sessions, provider: Provider) -> None:
    await add_person(sessions, "ada", email="ada@example.org", is_admin=True)
    for verified in (False, None, "true"):
        provider.claims = {"email_verified": verified}
        async with browser(site) as client:
            assert await round_trip(client) == "/sign-in?problem=not-invited"


async def test_an_invitation_and_a_provider_make_an_account(site: RunningBackend, sessions: Sessions) -> None:
    project_id = uuid4()
    async with sessions.begin() as session:
        session.add(Project(id=project_id, name="Street", created_by=LOCAL_OWNER_ID))
        await session.flush()
        about = {"project_id": project_id, "role": Role.annotator}
        _link, secret = make_link(session, LinkKind.invitation, lasts=timedelta(days=1), **about)
    async with browser(site) as client:
        assert await round_trip(client, invitation=secret) == "/"
        me = (await client.get("/api/me")).json()
        assert (me["name"], me["login"], me["is_admin"]) == ("Ada", "ada@example.org", False)
        assert (await client.get(f"/api/projects/{project_id}")).json()["my_role"] == "annotator"


PASSWORD = "correct horse battery"


async def invited(sessions: Sessions, **about: object) -> str:
    async with sessions.begin() as session:
        return make_link(session, LinkKind.invitation, lasts=timedelta(days=1), **about)[1]


async def accept(client: httpx.AsyncClient, secret: str, login: str) -> httpx.Response:
    return await client.post("/api/links/use", json={"secret": secret, "login": login, "password": PASSWORD})


@pytest.mark.parametrize("login", ["ada@example.org", "ADA@Example.Org", "\uff41da@example.org"])
async def test_a_colleagues_address_as_login_does_not_get_their_identity(
    site: RunningBackend, sessions: Sessions, login: str
) -> None:
    async with browser(site) as mallory, browser(site) as ada:
        assert (await accept(mallory, await invited(sessions), login)).status_code == 200
        assert await round_trip(ada) == "/sign-in?problem=not-invited"
        assert await round_trip(ada, invitation=await invited(sessions)) == "/"
        mine, theirs = [(await client.get("/api/me")).json() for client in (ada, mallory)]
        assert mine["id"] != theirs["id"]
        assert mine["login"] is None


async def test_nobody_takes_the_address_of_somebody_who_is_invited(site: RunningBackend, sessions: Sessions) -> None:
    await add_person(sessions, "grace", email="grace@example.org")
    await invited(sessions, email="ada@example.org")
    async with browser(site) as client:
        for address in ("ada@example.org", "GRACE@example.org"):
            answer = await accept(client, await invited(sessions), address)
            assert answer.json()["detail"] == "Somebody else was invited with this address."


async def test_whoever_proves_the_invited_address_has_the_account_alone(
    site: RunningBackend, sessions: Sessions
) -> None:
    """A password, sign-ins and tokens from before may be of somebody else, who had the link but not the address."""
    async with browser(site) as before, browser(site) as ada:
        secret = await invited(sessions, email="ada@example.org")
        assert (await accept(before, secret, "somebody")).status_code == 200
        made = await before.post("/api/me/tokens", json={"name": "kept", "scope": ["view"]})
        assert await round_trip(ada) == "/"
        assert (await ada.get("/api/me")).json()["login"] == "somebody"
        assert (await before.get("/api/me")).status_code == 401
        sign_in = {"login": "somebody", "password": PASSWORD}
        assert (await before.post("/api/sign-in", json=sign_in)).status_code == 401
    async with program(site, made.json()["secret"]) as tool:
        assert (await tool.get("/api/me")).status_code == 401


async def test_a_login_looks_like_nobody_elses(site: RunningBackend, sessions: Sessions) -> None:
    await add_person(sessions, "ada")
    async with browser(site) as client:
        for login in ("ADA", "\uff21da", "ada ", "a\u200bda", "\u0430da", "ad\u03b1"):
            answer = await accept(client, await invited(sessions), login)
            assert answer.status_code in (409, 422), login
        assert (
            await accept(client, await invited(sessions), "\u0430\u043d\u043d\u0430@example.org")
        ).status_code == 200
        assert (await accept(client, await invited(sessions), "\u00c9mile")).status_code == 200
        body = {"login": "e\u0301MILE", "password": PASSWORD}
        assert (await client.post("/api/sign-in", json=body)).status_code == 200, "however it is typed"


@pytest.mark.parametrize(
    "forged",
    [
        {"nonce": "another"},
        {"aud": "somebody-else"},
        {"aud": [CLIENT_ID, "somebody-else"]},
        {"iss": "http://127.0.0.1:1"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
    ],
    ids=["nonce", "audience", "several audiences", "issuer", "expired", "no end"],
)
async def test_a_claim_that_is_not_right_signs_nobody_in(
    site: RunningBackend, sessions: Sessions, provider: Provider, forged: dict[str, Any]
) -> None:
    await add_person(sessions, "ada", email="ada@example.org")
    provider.claims = forged
    async with browser(site) as client:
        assert await round_trip(client) == "/sign-in?problem=provider-failed"
        assert COOKIE not in client.cookies


@pytest.mark.parametrize("how", ["foreign key", "no signature"])
async def test_an_identity_that_the_provider_did_not_sign_signs_nobody_in(
    site: RunningBackend, sessions: Sessions, provider: Provider, how: str
) -> None:
    """CVE-2026-96760: a library that took an unsigned identity for a signed one."""
    await add_person(sessions, "ada", email="ada@example.org")
    provider.unsigned = how == "no signature"
    provider.sign_with = RSAKey.generate_key(2048, {"kid": "one"}) if how == "foreign key" else None
    async with browser(site) as client:
        assert await round_trip(client) == "/sign-in?problem=provider-failed"


async def test_an_answer_belongs_to_the_browser_that_asked(site: RunningBackend, sessions: Sessions) -> None:
    """Else somebody could sign another person's browser in as themselves."""
    await add_person(sessions, "ada", email="ada@example.org")
    async with browser(site) as attacker, browser(site) as victim:
        address = await go(attacker)
        assert (await victim.get(address)).headers["location"] == "/sign-in?problem=provider-failed"
        await go(victim)  # with an errand of its own: the state is another
        assert (await victim.get(address)).headers["location"] == "/sign-in?problem=provider-failed"
        assert COOKIE not in victim.cookies


async def test_a_code_without_its_verifier_is_worth_nothing(
    site: RunningBackend, sessions: Sessions, provider: Provider
) -> None:
    await add_person(sessions, "ada", email="ada@example.org")
    async with browser(site) as client:
        address = await go(client)
        code = parse_qs(urlsplit(address).query)["code"][0]
        provider.codes[code]["code_challenge"] = "of another verifier"
        assert (await client.get(address)).headers["location"] == "/sign-in?problem=provider-failed"


@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example", "/\\evil.example", "evil"])
async def test_the_way_back_never_leads_to_another_site(site: RunningBackend, place: str) -> None:
    async with browser(site) as client:
        assert (await client.post("/api/sign-in/provider", json={"place": place})).status_code == 422


async def test_a_provider_that_is_away_is_said_so(site: RunningBackend, provider: Provider) -> None:
    issuer, provider.issuer = provider.issuer, "http://somebody.else"
    async with browser(site) as client:
        refused = await client.post("/api/sign-in/provider", json={})
        assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (502, "provider-failed")
    provider.issuer = issuer
