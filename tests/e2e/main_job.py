"""Steps of the main job that more than one story takes."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.workspace import WAIT_MS, Workspace


def create_project(page: Page, name: str, *, stride: int = 4, phase: str = "sam2") -> str:
    """Through the dialog; the project's id."""
    page.goto("/")
    page.get_by_test_id("new-project").first.click()
    page.get_by_test_id("project-name").fill(name)
    page.get_by_test_id("project-stride").fill(str(stride))
    page.get_by_test_id("project-phase").select_option(phase)
    page.get_by_test_id("create").click()
    page.wait_for_url("**/projects/*", timeout=WAIT_MS)
    return page.url.rsplit("/", 1)[1]


def upload(page: Page, project_id: str, path: Path) -> str:
    """Through the file chooser; waits for ingest; the video's id."""
    page.goto(f"/projects/{project_id}")
    page.get_by_test_id("upload-input").set_input_files(path)
    card = page.get_by_test_id("video-card").filter(has_text=path.name)
    expect(card).to_have_attribute("data-state", "ready", timeout=4 * WAIT_MS)
    card.get_by_test_id("annotate").click()
    page.wait_for_url("**/videos/*", timeout=WAIT_MS)
    return page.url.rsplit("/", 1)[1]


def open_workspace(page: Page, video_id: str) -> Workspace:
    return Workspace(page, video_id).open()
