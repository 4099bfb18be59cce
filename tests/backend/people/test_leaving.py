"""Whoever is removed, demoted or disabled is out, with everything they made or held, and stays out."""

from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select, update

from backend.db.engine import Sessions
from backend.people.sign_in.passwords import hash_password
from backend.tables import Task, User
from backend.tables.states import Phase, Role, TaskKind, TaskState
from tests.backend.accounts import add_member, add_person, browser, program, signed_in_secret
from tests.backend.people.test_members import PASSWORD, Team, slug
from tests.backend.people.test_members import team as team
from tests.backend.running import RunningBackend
from tests.backend.tasks.shift import new_video


@pytest.fixture
async def second(team: Team, site: RunningBackend, sessions: Sessions) -> Team:
    """The team has a second manager, who will leave."""
    team.ids["leaver"] = await add_person(sessions, "leaver")
    await add_member(sessions, team.project_id, team.ids["leaver"], Role.manager)
    team.browsers["leaver"] = browser(site, await signed_in_secret(sessions, team.ids["leaver"]))
    return team


LEAVE = {
    "removed": ("manager", "DELETE", "PROJECT/members/LEAVER", None),
    "demoted": ("manager", "PUT", "PROJECT/members/LEAVER", {"role": "annotator"}),
    "disabled": ("administrator", "PATCH", "/api/users/LEAVER", {"disabled": True}),
}
RETURN = {
    "removed": ("administrator", "PUT", "PROJECT/members/LEAVER", {"role": "manager"}),
    "demoted": ("manager", "PUT", "PROJECT/members/LEAVER", {"role": "manager"}),
    "disabled": ("administrator", "PATCH", "/api/users/LEAVER", {"disabled": False}),
}


async def do(team: Team, request: tuple[str, str, str, object]) -> None:
    answer = await team(*request)
    assert answer.is_success, answer.text


async def invitation(team: Team, who: str, role: str = "manager") -> str:
    made = await team(who, "POST", "PROJECT/invitations", {"role": role})
    assert made.status_code == 201, made.text
    return str(made.json()["path"]).partition("#")[2]


async def use(site: RunningBackend, secret: str, **more: object) -> httpx.Response:
    async with browser(site) as client:
        body = {"secret": secret, "login": f"new-{uuid4().hex[:6]}", "password": PASSWORD, **more}
        return await client.post("/api/links/use", json=body)


@pytest.mark.parametrize("how", LEAVE)
async def test_the_invitations_of_a_manager_who_left_let_nobody_in(
    second: Team, site: RunningBackend, sessions: Sessions, how: str
) -> None:
    first, other, kept = [await invitation(second, who) for who in ("leaver", "leaver", "manager")]
    await do(second, LEAVE[how])
    assert slug(await second("leaver", "POST", "/api/links/join", {"secret": first})) in (
        "link-not-valid",
        "not-signed-in",
    )
    assert slug(await use(site, other)) == "link-not-valid"
    assert len((await second("manager", "GET", "PROJECT/invitations")).json()) == 1
    await do(second, RETURN[how])
    assert slug(await use(site, other)) == "link-not-valid", "what was voided stays void"
    assert (await use(site, kept)).status_code == 200, "the others' links still work"


async def test_a_link_checks_its_makers_rights_however_they_were_lost(
    second: Team, site: RunningBackend, sessions: Sessions
) -> None:
    """Also those of links that were open when this version came."""
    secret = await invitation(second, "leaver")
    async with sessions.begin() as session:
        await session.execute(update(User).where(User.id == second.ids["leaver"]).values(disabled=True))
    async with browser(site) as client:
        assert slug(await client.post("/api/links/read", json={"secret": secret})) == "link-not-valid"
    assert slug(await use(site, secret)) == "link-not-valid"


async def test_an_older_invitation_by_somebody_else_does_not_bring_a_removed_person_back(second: Team) -> None:
    older = await invitation(second, "manager")
    await do(second, LEAVE["removed"])
    refused = await second("leaver", "POST", "/api/links/join", {"secret": older})
    assert (refused.status_code, slug(refused)) == (410, "link-not-valid")
    newer = await invitation(second, "manager", "viewer")
    assert (await second("leaver", "POST", "/api/links/join", {"secret": newer})).status_code == 200
    assert (await second("leaver", "GET", "PROJECT")).json()["my_role"] == "viewer"


async def test_an_administrator_who_is_none_any_more_leaves_no_open_links(
    second: Team, site: RunningBackend, sessions: Sessions
) -> None:
    root = await add_person(sessions, "root", is_admin=True)
    async with browser(site, await signed_in_secret(sessions, root)) as client:
        links = [
            await client.post(path, json=body)
            for path, body in (
                ("/api/invitations", {}),
                (f"/api/users/{second.ids['viewer']}/password-link", None),
                (f"/api/projects/{second.project_id}/invitations", {"role": "manager"}),
            )
        ]
    await do(second, ("administrator", "PATCH", f"/api/users/{root}", {"is_admin": False}))
    for made in links:
        assert slug(await use(site, made.json()["path"].partition("#")[2])) == "link-not-valid"


async def test_a_password_link_ends_with_the_account_and_with_any_new_password(
    second: Team, site: RunningBackend
) -> None:
    made = [await second("administrator", "POST", "/api/users/LEAVER/password-link") for _ in range(3)]
    secrets = [answer.json()["path"].partition("#")[2] for answer in made]
    assert (await use(site, secrets[0])).status_code == 200
    assert slug(await use(site, secrets[1])) == "link-not-valid", "one new password is enough"
    fourth = await second("administrator", "POST", "/api/users/LEAVER/password-link")
    await do(second, LEAVE["disabled"])
    await do(second, RETURN["disabled"])
    assert slug(await use(site, fourth.json()["path"].partition("#")[2])) == "link-not-valid"


async def make_token(team: Team, *scope: str, everywhere: bool = False) -> str:
    body = {"name": "nightly", "scope": scope, "project_id": None if everywhere else str(team.project_id)}
    made = await team("leaver", "POST", "/api/me/tokens", body)
    assert made.status_code == 201, made.text
    return str(made.json()["secret"])


@pytest.mark.parametrize("how", LEAVE)
async def test_an_api_token_keeps_what_its_owner_may_and_regains_nothing(
    second: Team, site: RunningBackend, how: str
) -> None:
    token = await make_token(second, "view", "manage")
    path, rename = f"/api/projects/{second.project_id}", {"name": "Renamed"}
    async with program(site, token) as tool:
        assert (await tool.patch(path, json=rename)).status_code == 200
        for change in (LEAVE[how], RETURN[how]):
            await do(second, change)
            assert (await tool.patch(path, json=rename)).status_code in (401, 403)
            assert (await tool.get(path)).status_code == (200 if how == "demoted" else 401)


async def test_a_token_for_all_projects_ends_with_the_account(second: Team, site: RunningBackend) -> None:
    async with program(site, await make_token(second, "view", everywhere=True)) as tool:
        await do(second, LEAVE["disabled"])
        await do(second, RETURN["disabled"])
        assert (await tool.get("/api/me")).status_code == 401


async def test_a_token_is_not_made_for_more_than_its_owner_may(team: Team) -> None:
    body = {"name": "later", "scope": ["view", "manage"], "project_id": str(team.project_id)}
    refused = await team("viewer", "POST", "/api/me/tokens", body)
    assert (slug(refused), refused.json()["detail"]) == ("bad-scope", "You may not manage in this project yourself.")


@pytest.mark.parametrize("keep", [False, True], ids=["ends", "keeps"])
async def test_a_password_link_ends_api_tokens_unless_told_to_keep_them(
    second: Team, site: RunningBackend, keep: bool
) -> None:
    token = await make_token(second, "view", everywhere=True)
    made = await second("administrator", "POST", "/api/users/LEAVER/password-link")
    secret = made.json()["path"].partition("#")[2]
    async with browser(site) as client:
        assert (await client.post("/api/links/read", json={"secret": secret})).json()["num_tokens"] == 1
    assert (await use(site, secret, **({"end_tokens": False} if keep else {}))).status_code == 200
    async with program(site, token) as tool:
        assert (await tool.get("/api/me")).status_code == (200 if keep else 401)


@pytest.mark.parametrize("keep", [False, True], ids=["ends", "keeps"])
async def test_a_changed_password_ends_api_tokens_unless_told_to_keep_them(
    second: Team, site: RunningBackend, sessions: Sessions, keep: bool
) -> None:
    async with sessions.begin() as session:
        hashed = await hash_password(PASSWORD)
        await session.execute(update(User).where(User.id == second.ids["leaver"]).values(password_hash=hashed))
    token = await make_token(second, "view", everywhere=True)
    body = {"old": PASSWORD, "new": "another password", "end_tokens": not keep}
    assert (await second("leaver", "PUT", "/api/me/password", body)).status_code == 204
    async with program(site, token) as tool:
        assert (await tool.get("/api/me")).status_code == (200 if keep else 401)


async def tasks_of(sessions: Sessions, video_id: UUID, holder: UUID, *kinds: TaskKind) -> list[UUID]:
    """Claimed by the holder, one of each kind."""
    ids = []
    async with sessions.begin() as session:
        for kind in kinds:
            task = Task(id=uuid4(), video_id=video_id, kind=kind, phase=Phase.sam2, assignee_id=holder)
            session.add(task)
            ids.append(task.id)
    return ids


@pytest.mark.parametrize("how", LEAVE)
async def test_the_tasks_of_a_person_who_left_are_free_for_others(second: Team, sessions: Sessions, how: str) -> None:
    video = await new_video(sessions, [])
    for name, role in (("leaver", Role.manager), ("manager", Role.manager), ("viewer", Role.verifier)):
        await add_member(sessions, video.project_id, second.ids[name], role)
    annotate, verify = await tasks_of(
        sessions, video.video_id, second.ids["leaver"], TaskKind.annotate, TaskKind.verify
    )
    claimed = await second("leaver", "POST", f"/api/tasks/{annotate}/claim")
    assert claimed.status_code == 200, claimed.text
    epoch = claimed.json()["task"]["epoch"]
    who, method, path, body = LEAVE[how]
    in_project = f"/api/projects/{video.project_id}/members/LEAVER" if "members" in path else path
    await do(second, (who, method, in_project, {"role": "verifier"} if how == "demoted" else body))
    async with sessions.begin() as session:
        kept = {task.id for task in await session.scalars(select(Task).where(Task.assignee_id == second.ids["leaver"]))}
    assert kept == ({verify} if how == "demoted" else set()), "a verifier goes on verifying"
    lost = await second("leaver", "POST", f"/api/tasks/{annotate}/renew", {"epoch": epoch})
    assert slug(lost) in ("lease-lost", "not-allowed", "task-not-found", "not-signed-in")
    taken = await second("manager", "POST", f"/api/tasks/{annotate}/claim")
    assert taken.status_code == 200, taken.text
    assert taken.json()["task"]["epoch"] > epoch


async def test_nobody_gets_a_task_that_they_may_not_do(second: Team, sessions: Sessions) -> None:
    video = await new_video(sessions, [])
    for name, role in (("manager", Role.manager), ("viewer", Role.viewer)):
        await add_member(sessions, video.project_id, second.ids[name], role)
    async with sessions.begin() as session:
        task_id = await session.scalar(select(Task.id).where(Task.state == TaskState.open))
    refused = await second("manager", "PATCH", f"/api/tasks/{task_id}", {"assignee_id": str(second.ids["viewer"])})
    assert (refused.status_code, slug(refused)) == (422, "unknown-user")
