"""Edits that the server has not taken: shown, kept through a reload and a closed page, and never called saved."""

import json
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.clips import write_clip
from tests.e2e.main_job import create_project, open_workspace, upload
from tests.e2e.workspace import WAIT_MS, Workspace
from tests.running import RunningMaskloom

HELD = "Ada holds a task that covers this video, until 14:05 at least."


def test_unsaved_edits_are_shown_kept_and_sent(browser: Browser, maskloom: RunningMaskloom, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=maskloom.url)
    page = context.new_page()
    project_id = create_project(page, "Unsaved", stride=1)
    workspace = open_workspace(page, upload(page, project_id, write_clip(tmp_path / "unsaved.mp4", "constant", 8)))
    workspace.press("b")
    workspace.stroke((10, 20), (40, 20))
    _an_offline_stroke_stays_drawn(context, workspace)
    page = _a_closed_page_leaves_its_edits_to_the_next(context, workspace, project_id)
    _a_refused_object_keeps_its_strokes(page, Workspace(page, workspace.video_id))
    context.close()


def _an_offline_stroke_stays_drawn(context: BrowserContext, workspace: Workspace) -> None:
    page = workspace.page
    context.set_offline(True)
    _paint(workspace, 40)
    expect(page.get_by_test_id("saved")).to_have_text("Offline – 1 waiting", timeout=WAIT_MS)
    expect(page.get_by_test_id("connection")).to_have_text("Disconnected")
    assert _shown_area(workspace) > 1.3 * workspace.read(_STORED_AREA)
    context.set_offline(False)
    workspace.wait_saved()
    expect(page.get_by_test_id("connection")).to_have_text("Connected", timeout=WAIT_MS)


def _a_closed_page_leaves_its_edits_to_the_next(context: BrowserContext, workspace: Workspace, project_id: str) -> Page:
    page = workspace.page
    before = workspace.read(_STORED_AREA)
    page.route("**/frames/**", lambda route: route.abort())
    _paint(workspace, 60)
    workspace.wait_for("window.maskloom.state.queue.length === 1")
    page.wait_for_timeout(500)
    page.close()
    page = context.new_page()
    page.goto(f"/projects/{project_id}")
    page.get_by_test_id("unsent").click()
    again = Workspace(page, workspace.video_id)
    again.wait_for("window.maskloom?.state.loaded")
    again.wait_saved()
    assert again.read(_STORED_AREA) > before
    expect(page.get_by_test_id("unsent")).to_have_count(0, timeout=WAIT_MS)
    return page


def _a_refused_object_keeps_its_strokes(page: Page, workspace: Workspace) -> None:
    page.route("**/masklets", _refuse)
    workspace.press("b")
    workspace.press("n")
    _paint(workspace, 70)
    notice = page.get_by_test_id("refused")
    expect(notice).to_contain_text(HELD, timeout=WAIT_MS)
    expect(page.get_by_test_id("saved")).to_have_text("2 not saved")
    page.reload()
    workspace.wait_for("window.maskloom?.state.loaded")
    expect(notice).to_contain_text("Object 2 could not be made, and 1 edit of it waits", timeout=WAIT_MS)
    expect(page.get_by_test_id("saved")).to_have_text("2 not saved")
    page.unroute("**/masklets")
    notice.get_by_role("button", name="Try again").click()
    workspace.wait_saved()
    assert len(workspace.masks()) == 2


def _paint(workspace: Workspace, y: float) -> None:
    """A stroke; does not wait for the answer."""
    mouse = workspace.page.mouse
    mouse.move(*workspace.screen(10, y))
    mouse.down()
    mouse.move(*workspace.screen(60, y), steps=6)
    mouse.up()


def _refuse(route: Route) -> None:
    problem = {"type": "urn:maskloom:problem:lease-held", "title": "Held", "status": 409, "detail": HELD}
    if route.request.method == "POST":
        route.fulfill(status=409, content_type="application/problem+json", body=json.dumps(problem))
    else:
        route.continue_()


_STORED_AREA = "[...window.maskloom.state.replica.lanes.values()][0].get(0).mask.area"


def _shown_area(workspace: Workspace) -> float:
    """Pixels of the video that the masks' canvas covers with something."""
    return float(
        workspace.read(
            "(() => { const canvas = document.querySelectorAll('[data-testid=stage] canvas')[1];"
            "const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);"
            "let covered = 0; for (let i = 3; i < data.length; i += 4) covered += data[i] > 0 ? 1 : 0;"
            "return covered / window.maskloom.state.view.scale ** 2 / devicePixelRatio ** 2; })()"
        )
    )
