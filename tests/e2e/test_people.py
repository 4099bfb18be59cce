"""Several people in real browsers: the first link, an invitation, roles that show, a sign-out in the middle of work."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete, update

from backend.db.engine import make_engine, make_sessions
from backend.people.console import first_administrator_link
from backend.settings import Settings
from backend.storage.objects import ObjectStore
from backend.tables import Membership, Task, User
from backend.tables.states import Phase, Role, TaskKind, TaskState
from tests.backend.accounts import add_member
from tests.backend.backend_process import BackendProcess
from tests.backend.workplace import store_video
from tests.e2e.barriers import barriers
from tests.e2e.people import PASSWORD, fill, look
from tests.model_server.video.proxies import write_proxy


@pytest.fixture
def site(database_url: str, data_dir: Path) -> Iterator[BackendProcess]:
    """A backend with accounts; nobody here needs a model server."""
    settings = Settings(
        database_url=database_url, data_dir=data_dir, model_url="http://127.0.0.1:1", sign_in="accounts"
    )
    process = BackendProcess(settings)
    process.start()
    yield process
    assert process.process is not None
    process.process.kill()
    process.process.wait()


@pytest.fixture
def people(browser: Browser, site: BackendProcess) -> Iterator[list[Page]]:
    """Two browsers that know nothing of each other."""
    contexts = [browser.new_context(viewport={"width": 1440, "height": 900}, base_url=site.url) for _ in range(2)]
    errors: list[str] = []
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.on("pageerror", lambda error: errors.append(str(error)))
    yield pages
    for context in contexts:
        context.close()
    assert errors == []


def apart(call: Callable[..., Any], *arguments: Any) -> Any:
    """In a thread: Playwright keeps an event loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call, *arguments).result()


@pytest.mark.long
def test_a_team_forms_by_links_and_each_is_offered_what_they_may(
    people: list[Page], site: BackendProcess, tmp_path: Path
) -> None:
    first, second = people
    _become_administrator(first, site)
    project = _make_project(first)
    link = _invite(first, project)

    second.goto(f"/projects/{project}")
    expect(second).to_have_url(f"{site.url}/sign-in?to=%2Fprojects%2F{project}")
    look(second, "sign-in")
    second.goto(link)
    expect(second.get_by_test_id("welcome")).to_contain_text("Street as verifier")
    look(second, "invitation")
    fill(second, name="Grace", login="grace@example.org", password=PASSWORD)
    second.get_by_test_id("welcome-go").click()
    expect(second.get_by_test_id("project-card")).to_have_count(1)
    second.goto(f"/projects/{project}")
    expect(second.get_by_test_id("members-link")).to_be_visible()
    for hidden in ("project-settings-button", "export", "upload-input"):
        expect(second.get_by_test_id(hidden)).to_have_count(0)
    look(second, "project-of-a-verifier")
    second.goto(link)
    expect(second.get_by_test_id("link-not-valid")).to_be_visible()

    _change_role(first, project, "viewer")
    second.goto(f"/projects/{project}/members")
    expect(second.get_by_test_id("member")).to_have_count(2)
    expect(second.get_by_test_id("role")).to_have_count(0)
    look(second, "members-of-a-viewer")


def test_a_viewer_looks_at_a_video_and_is_offered_no_tool(
    people: list[Page], site: BackendProcess, tmp_path: Path
) -> None:
    page = people[0]
    _become_administrator(page, site)
    project, video = apart(asyncio.run, _foreign_video(site, tmp_path))
    me = page.evaluate("fetch('/api/me').then(answer => answer.json())")
    apart(asyncio.run, _only_viewer(site, UUID(project), UUID(me["id"])))
    page.goto(f"/videos/{video}")
    expect(page.get_by_test_id("tool-select")).to_be_visible()
    for hidden in ("tool-point", "tool-brush", "undo", "new-object", "propagate"):
        expect(page.get_by_test_id(hidden)).to_have_count(0)
    look(page, "workspace-of-a-viewer")


def test_who_may_not_edit_a_video_is_told_why_and_offered_no_tool(
    people: list[Page], site: BackendProcess, tmp_path: Path
) -> None:
    first, second = people
    _become_administrator(first, site)
    project, video = apart(asyncio.run, _foreign_video(site, tmp_path))
    second.goto(_invite(first, project, role="annotator"))
    fill(second, name="Grace", login="grace", password=PASSWORD)
    second.get_by_test_id("welcome-go").click()
    expect(second.get_by_test_id("project-card")).to_have_count(1)
    me, them = (page.evaluate("fetch('/api/me').then(answer => answer.json())") for page in people)

    apart(asyncio.run, _hold(site, UUID(video), UUID(me["id"])))
    second.goto(f"/videos/{video}")
    expect(second.get_by_test_id("held-by-others")).to_contain_text("Ada is working on this video")
    for hidden in ("tool-point", "tool-brush", "undo", "new-object", "propagate"):
        expect(second.get_by_test_id(hidden)).to_have_count(0)
    look(second, "workspace-held-by-ada")
    apart(asyncio.run, _hold(site, UUID(video), None))
    second.reload()
    expect(second.get_by_test_id("tool-point")).to_be_visible()
    expect(second.get_by_test_id("held-by-others")).to_have_count(0)

    elsewhere = second.context.new_page()
    elsewhere.goto(f"/projects/{project}/tasks")
    expect(elsewhere.get_by_test_id("no-tasks")).to_be_visible()
    first.evaluate(f"fetch('/api/projects/{project}/members/{them['id']}', {{method: 'DELETE'}})")
    expect(second.get_by_test_id("video-gone")).to_contain_text("no longer a member", timeout=15_000)
    expect(second.get_by_test_id("tool-point")).to_have_count(0)
    expect(second.get_by_test_id("stream-lost")).to_have_count(0)
    look(second, "workspace-of-a-removed-person")
    expect(elsewhere.get_by_test_id("project-gone")).to_be_visible(timeout=15_000)
    look(elsewhere, "tasks-of-a-removed-person")
    second.get_by_role("link", name="Your projects").click()
    expect(second.get_by_text("No projects yet")).to_be_visible()


def test_signing_in_again_goes_on_where_one_was(people: list[Page], site: BackendProcess) -> None:
    page, elsewhere = people
    _become_administrator(page, site)
    project = _make_project(page)
    page.goto("/account")
    expect(page.get_by_test_id("tokens")).to_be_visible()
    elsewhere.goto("/sign-in")
    fill(elsewhere, login="ada", password="not the password")
    elsewhere.get_by_test_id("sign-in").click()
    expect(elsewhere.get_by_test_id("sign-in-problem")).to_be_visible()
    look(elsewhere, "wrong-password")
    fill(elsewhere, password=PASSWORD)
    elsewhere.get_by_test_id("sign-in").click()
    expect(elsewhere.get_by_test_id("account-chip")).to_contain_text("Ada")
    page.goto(f"/projects/{project}/members")
    expect(page.get_by_test_id("member")).to_have_count(1)
    elsewhere.evaluate("fetch('/api/me/sign-ins', {method: 'DELETE'})")
    page.get_by_test_id("invite").click()
    page.get_by_test_id("make-invitation").click()
    expect(page.get_by_test_id("signed-out")).to_be_visible()
    look(page, "signed-out")
    page.get_by_test_id("signed-out").get_by_test_id("login").fill("ada")
    page.get_by_test_id("signed-out").get_by_test_id("password").fill(PASSWORD)
    page.get_by_test_id("signed-out").get_by_test_id("sign-in").click()
    expect(page.get_by_test_id("signed-out")).to_have_count(0)
    page.get_by_test_id("make-invitation").click()
    expect(page.get_by_test_id("invitation-link")).to_contain_text("/welcome#")


@pytest.mark.long
def test_doors_and_pages_of_a_team_have_no_barriers(people: list[Page], site: BackendProcess) -> None:
    page, found = people[0], list[str]()

    def look_at(name: str, ready: str) -> None:
        expect(page.get_by_test_id(ready).first).to_be_visible()
        page.wait_for_timeout(400)  # until what fades in is there
        for width in (1440, 390):
            found.extend(barriers(page, name, width))
        page.set_viewport_size({"width": 1440, "height": 900})

    link = apart(first_administrator_link, site.settings.database_url, site.url)
    page.goto("/")
    look_at("sign-in", "sign-in-page")
    page.goto(str(link))
    look_at("welcome", "welcome")
    fill(page, name="Ada", login="ada", password=PASSWORD)
    page.get_by_test_id("welcome-go").click()
    expect(page.get_by_test_id("account-chip")).to_contain_text("Ada")
    page.goto(f"/projects/{_make_project(page)}/members")
    look_at("members", "member")
    page.get_by_test_id("invite").click()
    look_at("invitation", "make-invitation")
    page.goto("/people")
    look_at("people", "account")
    page.goto("/account")
    look_at("account", "tokens")
    page.get_by_test_id("new-token").click()
    look_at("token", "token-name")
    assert found == [], "\n".join(found)


def _become_administrator(page: Page, site: BackendProcess) -> None:
    link = apart(first_administrator_link, site.settings.database_url, site.url)
    assert link is not None
    page.goto("/")
    expect(page.get_by_test_id("sign-in-page")).to_contain_text("Nobody can sign in yet")
    look(page, "nobody-yet")
    page.goto(link)
    expect(page.get_by_test_id("welcome")).to_contain_text("You will be the administrator")
    expect(page.get_by_test_id("end-tokens")).to_have_count(0)
    fill(page, name="Ada", login="ada", password=PASSWORD)
    look(page, "first-administrator")
    page.get_by_test_id("welcome-go").click()
    expect(page.get_by_test_id("account-chip")).to_contain_text("Ada")


def _make_project(page: Page) -> str:
    body = "{method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({name: 'Street'})}"
    project = page.evaluate(f"fetch('/api/projects', {body}).then(answer => answer.json())")
    return str(project["id"])


def _invite(page: Page, project: str, *, role: str = "verifier") -> str:
    page.goto(f"/projects/{project}/members")
    page.get_by_test_id("invite").click()
    fill(page, **{"invitation-note": "Grace, who judges"})
    page.get_by_test_id("invitation-role").select_option(role)
    look(page, "invite-dialog")
    page.get_by_test_id("make-invitation").click()
    link = page.get_by_test_id("invitation-link")
    expect(link).to_contain_text("/welcome#")
    look(page, "invitation-link")
    expect(page.get_by_test_id("audit")).to_contain_text(f"made an invitation as {role}")
    return link.inner_text()


def _change_role(page: Page, project: str, role: str) -> None:
    page.goto(f"/projects/{project}/members")
    page.get_by_test_id("member").filter(has_text="Grace").get_by_test_id("role").select_option(role)
    expect(page.get_by_test_id("audit")).to_contain_text(f"made Grace {role} (was verifier)")
    look(page, "members")
    page.goto("/people")
    expect(page.get_by_test_id("account")).to_have_count(2)
    look(page, "people")
    page.goto("/account")
    page.get_by_test_id("new-token").click()
    fill(page, **{"token-name": "nightly export"})
    look(page, "new-token")
    page.get_by_test_id("make-token").click()
    expect(page.get_by_test_id("token-secret")).to_contain_text("mlt_")
    page.keyboard.press("Escape")
    look(page, "account")


async def _foreign_video(site: BackendProcess, folder: Path) -> tuple[str, str]:
    engine = make_engine(site.settings.database_url)
    proxy = write_proxy(folder / "proxy.mp4", 12)
    store = ObjectStore(site.settings.objects_dir)
    stored = await store_video(make_sessions(engine), store, proxy, num_frames=12)
    await engine.dispose()
    return str(stored.project_id), str(stored.video_id)


async def _hold(site: BackendProcess, video_id: UUID, user_id: UUID | None) -> None:
    """Have a person hold the task of a whole video, or nobody."""
    engine = make_engine(site.settings.database_url)
    async with make_sessions(engine).begin() as session:
        await session.execute(delete(Task).where(Task.video_id == video_id))
        if user_id is not None:
            lease_until = datetime.now(UTC) + timedelta(hours=1)
            held = {"state": TaskState.claimed, "assignee_id": user_id, "lease_until": lease_until}
            session.add(Task(video_id=video_id, kind=TaskKind.annotate, phase=Phase.sam2, **held))
    await engine.dispose()


async def _only_viewer(site: BackendProcess, project_id: UUID, user_id: UUID) -> None:
    """No administrator any more, and a viewer there."""

    engine = make_engine(site.settings.database_url)
    sessions = make_sessions(engine)
    async with sessions.begin() as session:
        await session.execute(delete(Membership))
        await session.execute(update(User).values(is_admin=False))
    await add_member(sessions, project_id, user_id, Role.viewer)
    await engine.dispose()
