"""Members, invitations, API tokens, accounts, and what the trail says of them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from backend.db.engine import Sessions
from backend.tables import Project
from backend.tables.states import Role
from backend.tables.user import LOCAL_OWNER_ID
from tests.backend.accounts import add_member, add_person, browser, program, signed_in_secret
from tests.backend.running import RunningBackend

PASSWORD = "correct horse battery"


@dataclass
class Team:
    """A project with a manager and a viewer, an administrator who is no member, and a stranger."""

    project_id: UUID
    ids: dict[str, UUID]
    browsers: dict[str, httpx.AsyncClient]

    async def __call__(self, who: str, method: str, path: str, body: Any = None) -> httpx.Response:
        path = path.replace("PROJECT", f"/api/projects/{self.project_id}")
        for name, user_id in self.ids.items():
            path = path.replace(name.upper(), str(user_id))
        return await self.browsers[who].request(method, path, **({} if body is None else {"json": body}))

    async def trail(self, who: str = "manager") -> list[str]:
        answer = await self(who, "GET", "PROJECT/audit")
        assert answer.status_code == 200, answer.text
        return [entry["action"] for entry in answer.json()["entries"]]


@pytest.fixture
async def team(site: RunningBackend, sessions: Sessions) -> AsyncIterator[Team]:
    project_id = uuid4()
    async with sessions.begin() as session:
        session.add(Project(id=project_id, name="Street", created_by=LOCAL_OWNER_ID))
    ids, browsers = {}, {}
    for name in ("manager", "viewer", "administrator", "stranger"):
        ids[name] = await add_person(sessions, name, is_admin=name == "administrator")
        browsers[name] = browser(site, await signed_in_secret(sessions, ids[name]))
    for name in ("manager", "viewer"):
        await add_member(sessions, project_id, ids[name], Role(name))
    yield Team(project_id, ids, browsers)
    for client in browsers.values():
        await client.aclose()


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


async def test_a_manager_changes_roles_and_the_trail_says_so(team: Team) -> None:
    changed = await team("manager", "PUT", "PROJECT/members/VIEWER", {"role": "verifier"})
    assert (changed.status_code, changed.json()["role"]) == (200, "verifier")
    assert (await team("viewer", "GET", "PROJECT")).json()["allowed"] == ["verify", "view"]
    (entry,) = (await team("manager", "GET", "PROJECT/audit")).json()["entries"]
    assert (entry["action"], entry["actor_name"]) == ("member.role_changed", "Manager")
    assert entry["details"] == {"name": "Viewer", "from": "viewer", "to": "verifier"}


async def test_a_manager_adds_nobody_without_an_invitation_an_administrator_does(team: Team) -> None:
    body = {"role": "annotator"}
    assert slug(await team("manager", "PUT", "PROJECT/members/STRANGER", body)) == "member-not-found"
    assert slug(await team("manager", "PUT", f"PROJECT/members/{uuid4()}", body)) == "member-not-found"
    assert (await team("administrator", "PUT", "PROJECT/members/STRANGER", body)).status_code == 200
    assert (await team("stranger", "GET", "PROJECT")).json()["my_role"] == "annotator"


async def test_a_removed_member_is_out_at_once(team: Team) -> None:
    assert (await team("manager", "DELETE", "PROJECT/members/VIEWER")).status_code == 204
    assert (await team("viewer", "GET", "PROJECT")).status_code == 404
    assert (await team("viewer", "GET", "/api/projects")).json() == []
    assert slug(await team("manager", "DELETE", "PROJECT/members/VIEWER")) == "member-not-found"
    assert await team.trail() == ["member.removed"]


@pytest.mark.parametrize("who", ["manager", "administrator"])
async def test_the_last_manager_stays(team: Team, who: str) -> None:
    assert slug(await team(who, "PUT", "PROJECT/members/MANAGER", {"role": "viewer"})) == "last-manager"
    assert slug(await team(who, "DELETE", "PROJECT/members/MANAGER")) == "last-manager"
    assert (await team(who, "PUT", "PROJECT/members/VIEWER", {"role": "manager"})).status_code == 200
    assert (await team(who, "DELETE", "PROJECT/members/MANAGER")).status_code == 204


async def test_nobody_climbs_above_their_role(team: Team) -> None:
    """CVE-2026-23526 of another tool: staff made themselves superuser."""
    me = "/api/users/MANAGER"
    for body in ({"is_admin": True}, {"disabled": False}, {"name": "Root"}):
        assert slug(await team("manager", "PATCH", me, body)) == "not-allowed"
    for body in ({"name": "A", "is_admin": True}, {"name": "A", "login": "root"}, {"is_admin": True}):
        assert (await team("manager", "PATCH", "/api/me", body)).status_code == 422
    for role in ("administrator", "owner", "Manager"):
        assert (await team("manager", "PUT", "PROJECT/members/VIEWER", {"role": role})).status_code == 422
    assert slug(await team("viewer", "PUT", "PROJECT/members/VIEWER", {"role": "manager"})) == "not-allowed"
    scope = {"name": "up", "scope": ["administer"]}
    assert slug(await team("manager", "POST", "/api/me/tokens", scope)) == "bad-scope"
    assert (await team("manager", "GET", "/api/me")).json()["is_admin"] is False


async def test_an_invitation_is_told_once_and_can_be_withdrawn(team: Team, site: RunningBackend) -> None:
    made = [await team("manager", "POST", "PROJECT/invitations", {"role": "annotator", "note": "Ada"}) for _ in "ab"]
    secrets = [answer.json()["path"].partition("#")[2] for answer in made]
    listed = await team("manager", "GET", "PROJECT/invitations")
    assert [found["note"] for found in listed.json()] == ["Ada", "Ada"]
    assert all(secret not in listed.text for secret in secrets)
    assert (await team("viewer", "GET", "PROJECT/invitations")).status_code == 403
    assert (await team("manager", "DELETE", f"PROJECT/invitations/{made[0].json()['id']}")).status_code == 204
    async with browser(site) as client:
        body = {"login": "ada", "password": PASSWORD, "name": "Ada"}
        assert (await client.post("/api/links/use", json=body | {"secret": secrets[0]})).status_code == 410
        assert (await client.post("/api/links/use", json=body | {"secret": secrets[1]})).status_code == 200
        assert (await client.get(f"/api/projects/{team.project_id}")).json()["my_role"] == "annotator"
    assert await team.trail() == ["invitation.accepted", "invitation.withdrawn", "invitation.made", "invitation.made"]


async def test_an_invitation_to_another_project_is_none_of_ones_own(team: Team) -> None:
    other = (await team("stranger", "POST", "/api/projects", {"name": "Other"})).json()["id"]
    made = await team("stranger", "POST", f"/api/projects/{other}/invitations", {"role": "viewer"})
    refused = await team("manager", "DELETE", f"PROJECT/invitations/{made.json()['id']}")
    assert slug(refused) == "invitation-not-found"


async def test_logins_are_told_to_managers_only(team: Team) -> None:
    logins = {
        who: [m["login"] for m in (await team(who, "GET", "PROJECT/members")).json()]
        for who in team.ids
        if who != "stranger"
    }
    assert logins == {"manager": ["manager", "viewer"], "viewer": [None, None], "administrator": ["manager", "viewer"]}


async def test_a_token_is_told_once_and_does_what_its_scope_says(team: Team, site: RunningBackend) -> None:
    body = {"name": "nightly", "scope": ["view"], "project_id": str(team.project_id), "days": 1}
    made = (await team("manager", "POST", "/api/me/tokens", body)).json()
    assert made["secret"].startswith(made["token"]["prefix"])
    listed = await team("manager", "GET", "/api/me/tokens")
    assert made["secret"] not in listed.text
    assert listed.json()[0]["last_used_at"] is None
    async with program(site, made["secret"]) as tool:
        assert (await tool.get(f"/api/projects/{team.project_id}")).status_code == 200
        assert (await tool.patch(f"/api/projects/{team.project_id}", json={"name": "X"})).status_code == 403
        assert (await tool.post("/api/me/tokens", json=body)).status_code == 403
        assert (await team("manager", "GET", "/api/me/tokens")).json()[0]["last_used_at"] is not None
        assert (await team("manager", "DELETE", f"/api/me/tokens/{made['token']['id']}")).status_code == 204
        assert (await tool.get(f"/api/projects/{team.project_id}")).status_code == 401
    assert slug(await team("stranger", "POST", "/api/me/tokens", body)) == "project-not-found"


async def test_nobody_revokes_anothers_token(team: Team) -> None:
    made = (await team("manager", "POST", "/api/me/tokens", {"name": "a", "scope": ["view"]})).json()
    refused = await team("administrator", "DELETE", f"/api/me/tokens/{made['token']['id']}")
    assert slug(refused) == "token-not-found"


async def test_an_administrator_disables_and_enables_and_the_last_one_stays(team: Team) -> None:
    assert (await team("administrator", "PATCH", "/api/users/MANAGER", {"disabled": True})).status_code == 200
    assert (await team("manager", "GET", "/api/me")).status_code == 401
    assert (await team("administrator", "PATCH", "/api/users/MANAGER", {"disabled": False})).status_code == 200
    assert (await team("manager", "GET", "/api/me")).status_code == 401, "they sign in anew"
    for body in ({"is_admin": False}, {"disabled": True}):
        assert slug(await team("administrator", "PATCH", "/api/users/ADMINISTRATOR", body)) == "last-administrator"
    assert (await team("administrator", "PATCH", "/api/users/STRANGER", {"is_admin": True})).status_code == 200
    assert (await team("stranger", "PATCH", "/api/users/ADMINISTRATOR", {"is_admin": False})).status_code == 200
    assert (await team("administrator", "GET", "/api/users")).status_code == 403
    entries = (await team("stranger", "GET", "/api/audit?limit=3")).json()
    assert [entry["action"] for entry in entries["entries"]] == [
        "user.is_admin_changed",
        "user.is_admin_changed",
        "user.disabled_changed",
    ]
    rest = (await team("stranger", "GET", f"/api/audit?before={entries['next']}")).json()
    assert [entry["details"]["to"] for entry in rest["entries"]] == [True]
    assert rest["next"] is None


async def test_an_administrator_hands_a_new_password_over(team: Team, site: RunningBackend) -> None:
    made = await team("administrator", "POST", "/api/users/VIEWER/password-link")
    secret = made.json()["path"].partition("#")[2]
    async with browser(site) as client:
        used = await client.post("/api/links/use", json={"secret": secret, "password": PASSWORD})
        assert used.json()["login"] == "viewer"
    assert (await team("viewer", "GET", "/api/me")).status_code == 401


async def test_the_trail_outlives_the_project(team: Team) -> None:
    assert (await team("manager", "DELETE", "PROJECT")).status_code == 204
    (entry,) = (await team("administrator", "GET", "/api/audit")).json()["entries"]
    assert (entry["action"], entry["project_name"], entry["details"]["name"]) == ("project.deleted", None, "Street")


async def test_on_a_persons_own_machine_nobody_is_invited(backend: RunningBackend) -> None:
    project = (await backend.client.post("/api/projects", json={"name": "A"})).json()
    assert (project["my_role"], "manage" in project["allowed"]) == ("manager", True)
    refused = await backend.client.post(f"/api/projects/{project['id']}/invitations", json={"role": "viewer"})
    assert slug(refused) == "signed-in-locally"
