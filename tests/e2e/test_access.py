"""Everybody gets through: by keyboard, at any width, with any eyes."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.clips import write_clip
from tests.e2e.barriers import barriers, misfits
from tests.e2e.main_job import create_project, open_workspace, upload
from tests.e2e.workspace import WAIT_MS, Workspace
from tests.running import RunningMaskloom

WIDTHS = (1440, 1024, 720, 390)  # 720 is half of 1440: the same page at a zoom of 200 %
LAID_OUT_ANEW = (1440, 390)  # pages have two layouts, and axe takes a second for each


@pytest.mark.long
def test_pages_fit_every_width_and_pass_axe(browser: Browser, maskloom: RunningMaskloom, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=maskloom.url)
    page = context.new_page()
    project = create_project(page, "Access")
    video = upload(page, project, write_clip(tmp_path / "a name of some length, as cameras give.mp4", "constant", 12))
    _add_classes(page, project)
    _submit_an_object(page, project, open_workspace(page, video))
    found: list[str] = []
    for number, (path, ready) in enumerate(_pages(project, video)):
        widths = WIDTHS if number % 2 else WIDTHS[::-1]  # pages are opened both wide and narrow, and then resized
        page.set_viewport_size({"width": widths[0], "height": 900})
        page.goto(path)
        expect(page.locator(ready).first).to_be_visible(timeout=WAIT_MS)
        page.wait_for_load_state("networkidle") if "videos" not in path else page.wait_for_timeout(300)
        for width in widths:
            found += (barriers if width in LAID_OUT_ANEW else misfits)(page, path, width)
    found += _of_what_opens(page, project, video)
    context.close()
    assert found == [], "\n".join(found)


def _add_classes(page: Page, project: str) -> None:
    """And attributes, as rows of the page that they have."""
    choices = [{"name": "Red"}, {"name": "Blue"}]
    paint = {"name": "Paint", "scope": "object", "kind": "choice", "choices": choices}
    ontology = {"classes": [{"name": "Car", "key": "1"}], "attributes": [paint]}
    made = page.request.put(
        f"/api/projects/{project}/ontology", data={"ontology": ontology}, headers={"If-Match": '"0"'}
    )
    assert made.ok, made.text()


def _submit_an_object(page: Page, project: str, workspace: Workspace) -> None:
    """So that there is something to review, to claim and to count."""
    page.get_by_test_id("claim-task").click()
    expect(page.get_by_test_id("task-held")).to_be_visible()
    workspace.click(84, 140)
    workspace.press("t")
    workspace.wait_run_over()
    page.get_by_test_id("submit-task").click()
    page.get_by_test_id("submit-all-the-same").click()  # it has no class
    page.wait_for_url(f"**/projects/{project}/tasks", timeout=WAIT_MS)


def _of_what_opens(page: Page, project: str, video: str) -> list[str]:
    """What is wrong with dialogs, with the reasons of a verdict and with an object in hand."""
    at, found = f"/projects/{project}", list[str]()
    for path, ready, opened in (
        ("/", lambda: page.get_by_test_id("new-project").first.click(), "[role=dialog]"),
        (at, lambda: page.get_by_test_id("export").click(), "[role=dialog]"),
        (f"{at}/review", lambda: page.keyboard.press("u"), "[data-testid=reason]"),
        (f"/videos/{video}", lambda: page.keyboard.press("?"), "[role=dialog]"),
        (f"/videos/{video}", lambda: page.get_by_test_id("objects").get_by_role("button").first.click(), "canvas"),
    ):
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(path)
            expect(page.locator("[data-testid=objects]" if "videos" in path else "h1").first).to_be_visible()
            ready()
            expect(page.locator(opened).first).to_be_visible(timeout=WAIT_MS)
            page.wait_for_timeout(400)  # until what fades in is there
            found += barriers(page, f"{path} with {opened}", width)
    return found


def test_tab_leaves_the_stage_and_space_presses_what_tab_reached(page: Page, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "keys.mp4", "constant", num_frames=12)
    workspace = open_workspace(page, upload(page, create_project(page, "Keys"), clip))
    workspace.click(84, 140)
    for key in ("Tab", "Shift+Tab"):
        workspace.stage.focus()
        page.keyboard.press(key)
        assert not _is_focused(page, "stage"), key

    _tab_to(page, "open-shortcuts", workspace)
    page.keyboard.press("Space")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.get_by_test_id("objects").get_by_role("button").first.click()
    page.keyboard.press("Space")
    workspace.wait_for("window.maskloom.state.playRate !== 0")


def _pages(project: str, video: str) -> list[tuple[str, str]]:
    """Every page by its address and by what shows that it is there."""
    at = f"/projects/{project}"
    names = ("tasks", "studies", "insights", "model", "members", "classes")
    return [
        ("/", "h1"),
        (at, "h1"),
        *((f"{at}/{name}", "h1") for name in names),
        (f"/videos/{video}", "[data-testid=objects]"),
        (f"{at}/review", "[data-testid=contact-sheet] button"),
        ("/model", "h1"),
        ("/account", "h1"),
        ("/nowhere", "h1"),
    ]


def _is_focused(page: Page, test_id: str) -> bool:
    return page.evaluate("id => document.activeElement?.dataset.testid === id", test_id)


def _tab_to(page: Page, test_id: str, workspace: Workspace) -> None:
    workspace.stage.focus()
    for _ in range(100):
        page.keyboard.press("Shift+Tab")
        if _is_focused(page, test_id):
            return
    raise AssertionError(f"Tab never came to {test_id}")
