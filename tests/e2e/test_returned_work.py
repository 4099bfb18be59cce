"""A whole round of quality: sent back with reasons, contested, sent back again, mended, accepted, exported."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.clips import write_clip
from tests.e2e.barriers import misfits
from tests.e2e.main_job import create_project, upload
from tests.e2e.workspace import WAIT_MS, Workspace

pytestmark = pytest.mark.e2e
Look = Callable[[str], object]


def test_returned_work_is_contested_mended_and_accepted(page: Page, tmp_path: Path) -> None:
    take_round(page, write_clip(tmp_path / "ball.mp4", "constant", num_frames=12), look=lambda _name: None)


def take_round(page: Page, clip: Path, *, look: Look) -> None:
    """`look` is called with a name wherever there is something to see."""
    project = create_project(page, "Round", stride=1)
    video = upload(page, project, clip)
    workspace = Workspace(page, video)
    workspace.wait_for("window.maskloom?.shownFrame !== null && window.maskloom?.state.loaded")
    page.get_by_test_id("claim-task").click()
    expect(page.get_by_test_id("task-held")).to_be_visible()
    workspace.click(84, 140)
    workspace.press("t")
    workspace.wait_run_over()
    page.get_by_test_id("submit-task").click()
    page.wait_for_url(f"**/projects/{project}/tasks", timeout=WAIT_MS)

    _send_back(page, project, frame=5, note="The lower edge is missing.", look=look)

    page.goto(f"/projects/{project}")
    look("sent back, in the top bar")
    page.get_by_test_id("returned-work").click()
    look("sent back, listed")
    page.get_by_test_id("returned-task").first.click()
    page.wait_for_url(f"**/videos/{video}**", timeout=WAIT_MS)
    workspace.wait_for("window.maskloom?.shownFrame !== null && window.maskloom?.state.loaded")
    expect(page.get_by_test_id("task-held")).to_contain_text("Refine")
    expect(page.get_by_test_id("returned-work")).to_have_count(0)  # it is being mended
    expect(workspace.stage).to_have_attribute("data-frame-index", "5", timeout=WAIT_MS)
    expect(page.get_by_test_id("verdict-note")).to_contain_text("The lower edge is missing.")
    look("refine opens on the frame")
    assert [what for width in (1024, 390, 1440) for what in misfits(page, "a refine task", width)] == []
    page.get_by_test_id("submit-task").click()  # without an edit
    page.get_by_test_id("end-reason").fill("The object ends there.")
    look("contest")
    page.get_by_test_id("end-confirm").click()
    page.wait_for_url(f"**/projects/{project}/tasks", timeout=WAIT_MS)

    page.goto(f"/projects/{project}/review")
    expect(page.get_by_test_id("contest-reason")).to_contain_text("The object ends there.", timeout=WAIT_MS)
    look("contested, in review")
    with page.expect_response(lambda response: response.url.endswith("/verdicts")) as judged:
        page.keyboard.press("y")
    assert judged.value.ok, judged.value.text()
    expect(page.get_by_test_id("nothing-to-review")).to_be_visible(timeout=WAIT_MS)

    workspace.open()
    page.get_by_test_id("objects").get_by_role("button").first.click()
    expect(page.get_by_test_id("work-mark")).to_have_text("verified")
    look("accepted")
    _edit_what_was_accepted(workspace, look)


def _edit_what_was_accepted(workspace: Workspace, look: Look) -> None:
    """One stroke ends the verdict, and says so; undo brings both back."""
    page, mark = workspace.page, workspace.page.get_by_test_id("work-mark")
    workspace.press("b")
    workspace.stroke((10, 20), (40, 20))
    expect(page.get_by_text('Your edit ended the verdict "satisfactory" on Object 1')).to_be_visible(timeout=WAIT_MS)
    expect(mark).to_have_text("to verify")
    look("edited after it was accepted")
    workspace.press("Control+z")
    workspace.wait_saved()
    expect(mark).to_have_text("verified", timeout=WAIT_MS)


def _send_back(page: Page, project: str, *, frame: int, note: str, look: Look) -> None:
    page.goto(f"/projects/{project}/review")
    expect(page.get_by_test_id("review-page")).to_be_visible(timeout=WAIT_MS)
    look("review")
    page.keyboard.press("u")
    page.get_by_test_id("reason").nth(0).click()
    page.get_by_test_id("reason").nth(1).click()
    page.get_by_test_id("verdict-note-field").fill(note)
    page.get_by_test_id("contact-sheet").get_by_role("button", name=f"Frame {frame}").first.click()
    page.get_by_test_id("name-frame").click()
    expect(page.get_by_test_id("verdict-frame")).to_contain_text(f"Begin on frame {frame}")
    look("reasons, note and frame")
    with page.expect_response(lambda response: response.url.endswith("/verdicts")) as judged:
        page.get_by_test_id("send-back").click()
    assert judged.value.ok, judged.value.text()
