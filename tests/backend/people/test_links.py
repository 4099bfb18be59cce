"""One-time links: they work once, for one thing, for a while."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text, update

from backend.db.engine import Sessions
from backend.people.console import NobodyHasThisLogin, first_administrator_link, user_link
from backend.people.sign_in.links import make_link
from backend.tables import AuditEntry, Membership, OneTimeLink, Project, User
from backend.tables.states import LinkKind, Role
from backend.tables.user import LOCAL_OWNER_ID
from tests.backend.accounts import add_person, browser, signed_in_secret
from tests.backend.running import RunningBackend

PASSWORD = "correct horse battery"
ORIGIN = "https://maskloom.example.org"


async def console(call: Callable[..., str | None], *arguments: str | None) -> str:
    """What a command prints: it has an event loop of its own."""
    printed = await asyncio.to_thread(call, *arguments)
    assert printed is not None
    assert printed.startswith(f"{ORIGIN}/welcome#")
    return printed.partition("#")[2]


async def test_the_first_administrator_is_the_machines_owner_with_what_they_had(
    site: RunningBackend, sessions: Sessions, database_url: str
) -> None:
    async with sessions.begin() as session:
        session.add(Project(id=uuid4(), name="From before", created_by=LOCAL_OWNER_ID))
    assert (await site.client.get("/api/sign-in")).json()["needs_administrator"] is True
    secret = await console(first_administrator_link, database_url, ORIGIN)
    async with browser(site) as client:
        read = (await client.post("/api/links/read", json={"secret": secret})).json()
        assert (read["kind"], read["login"]) == ("administrator", None)
        body = {"secret": secret, "name": "Ada", "login": "ada", "password": PASSWORD}
        used = await client.post("/api/links/use", json=body)
        assert used.status_code == 200, used.text
        me = (await client.get("/api/me")).json()
        assert (me["id"], me["name"], me["is_admin"]) == (str(LOCAL_OWNER_ID), "Ada", True)
        assert [project["name"] for project in (await client.get("/api/projects")).json()] == ["From before"]
        assert (await client.get("/api/sign-in")).json()["needs_administrator"] is False
    assert await asyncio.to_thread(first_administrator_link, database_url, ORIGIN) is None


async def test_a_link_works_once_even_for_ten_at_a_time(
    site: RunningBackend, sessions: Sessions, database_url: str
) -> None:
    secret = await console(first_administrator_link, database_url, ORIGIN)

    async def use(number: int) -> int:
        async with browser(site) as client:
            body = {"secret": secret, "login": f"ada{number}", "password": PASSWORD}
            return (await client.post("/api/links/use", json=body)).status_code

    statuses = await asyncio.gather(*(use(number) for number in range(10)))
    assert sorted(statuses) == [200] + [410] * 9
    assert await use(11) == 410


async def test_a_link_expires_and_is_kept_as_a_hash(
    site: RunningBackend, sessions: Sessions, database_url: str
) -> None:
    secret = await console(first_administrator_link, database_url, ORIGIN)
    async with sessions.begin() as session:
        assert secret not in (await session.scalars(select(OneTimeLink.token_sha256))).all()
        await session.execute(update(OneTimeLink).values(expires_at=func.now() - timedelta(seconds=1)))
    async with browser(site) as client:
        body = {"secret": secret, "login": "ada", "password": PASSWORD}
        for answer in (
            await client.post("/api/links/read", json={"secret": secret}),
            await client.post("/api/links/use", json=body),
        ):
            assert answer.status_code == 410


async def test_a_password_link_ends_what_was_signed_in_with_the_old_one(
    site: RunningBackend, sessions: Sessions, database_url: str
) -> None:
    old = await signed_in_secret(sessions, await add_person(sessions, "ada"))
    secret = await console(user_link, database_url, ORIGIN, "ADA")
    async with browser(site) as client:
        read = (await client.post("/api/links/read", json={"secret": secret})).json()
        assert (read["kind"], read["login"]) == ("password", "ada")
        # What the body says of another login does not matter: the link knows whose it is.
        body = {"secret": secret, "login": "somebody.else", "password": PASSWORD}
        assert (await client.post("/api/links/use", json=body)).json()["login"] == "ada"
    async with browser(site, old) as client:
        assert (await client.get("/api/me")).status_code == 401
    with pytest.raises(NobodyHasThisLogin):
        await asyncio.to_thread(user_link, database_url, ORIGIN, "nobody")


async def test_a_taken_login_spends_no_link(site: RunningBackend, sessions: Sessions, database_url: str) -> None:
    await add_person(sessions, "ada")
    secret = await console(first_administrator_link, database_url, ORIGIN)
    async with browser(site) as client:
        body = {"secret": secret, "login": "Ada", "password": PASSWORD}
        assert (await client.post("/api/links/use", json=body)).status_code == 409
        assert (await client.post("/api/links/use", json=body | {"login": "grace"})).status_code == 200


async def test_a_short_password_is_refused(site: RunningBackend, database_url: str) -> None:
    secret = await console(first_administrator_link, database_url, ORIGIN)
    async with browser(site) as client:
        body = {"secret": secret, "login": "ada", "password": "123456789"}
        assert (await client.post("/api/links/use", json=body)).status_code == 422


async def test_an_invitation_lets_in_with_the_role_it_names_and_changes_nobodys(
    site: RunningBackend, sessions: Sessions
) -> None:
    project_id = uuid4()
    async with sessions.begin() as session:
        session.add(Project(id=project_id, name="Street", created_by=LOCAL_OWNER_ID))
        await session.flush()
        about = {"project_id": project_id, "role": Role.verifier}
        secrets = [make_link(session, LinkKind.invitation, lasts=timedelta(days=1), **about)[1] for _ in range(3)]
    async with browser(site) as client:
        body = {"secret": secrets[0], "login": "new.person", "password": PASSWORD}
        assert (await client.post("/api/links/use", json=body)).status_code == 200
        (project,) = (await client.get("/api/projects")).json()
        assert (project["my_role"], project["allowed"]) == ("verifier", ["verify", "view"])
    ada = await add_person(sessions, "ada")
    async with sessions.begin() as session:
        session.add(Membership(project_id=project_id, user_id=ada, role=Role.manager))
    async with browser(site, await signed_in_secret(sessions, ada)) as client:
        joined = await client.post("/api/links/join", json={"secret": secrets[1]})
        assert joined.json() == str(project_id)
        assert (await client.get(f"/api/projects/{project_id}")).json()["my_role"] == "manager"
    grace = await add_person(sessions, "grace")
    async with browser(site, await signed_in_secret(sessions, grace)) as client:
        assert (await client.get(f"/api/projects/{project_id}")).status_code == 404
        await client.post("/api/links/join", json={"secret": secrets[2]})
        assert (await client.get(f"/api/projects/{project_id}")).json()["my_role"] == "verifier"
    async with sessions.begin() as session:
        assert await session.scalar(select(func.count()).select_from(AuditEntry)) == 3


async def test_the_trail_cannot_be_changed(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        session.add(AuditEntry(actor_id=LOCAL_OWNER_ID, action="project.deleted"))
    for statement in ("UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries", "TRUNCATE audit_entries"):
        with pytest.raises(Exception, match="append-only"):
            async with sessions.begin() as session:
                await session.execute(text(statement))
    async with sessions.begin() as session:
        assert await session.scalar(select(AuditEntry.action)) == "project.deleted"


async def test_two_people_never_have_one_login(sessions: Sessions) -> None:
    await add_person(sessions, "ada")
    with pytest.raises(Exception, match="uq_users_login"):
        await add_person(sessions, "ADA")
    async with sessions.begin() as session:
        assert await session.scalar(select(func.count()).select_from(User)) == 2
