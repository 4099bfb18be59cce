"""A study is planned and started in the browser, and its progress is seen."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.clips import write_clip
from tests.e2e.main_job import create_project, open_workspace, upload
from tests.e2e.workspace import WAIT_MS


def test_a_study_is_planned_started_and_followed(page: Page, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "ball.mp4", "constant", num_frames=12)
    project = create_project(page, "Comparison")
    workspace = open_workspace(page, upload(page, project, clip))
    workspace.click(84, 140)
    page.goto(f"/projects/{project}/studies")
    expect(page.get_by_test_id("no-studies")).to_be_visible(timeout=WAIT_MS)
    page.get_by_test_id("new-study").click()
    page.get_by_test_id("study-name").fill("Phases on one ball")
    boxes = page.get_by_test_id("create-study").get_by_role("checkbox")
    expect(boxes).to_have_count(2)  # one object, one person
    for box in boxes.all():
        box.check()
    page.get_by_test_id("plan-study").click()
    plan = page.get_by_test_id("study-plan")
    expect(plan).to_have_attribute("data-state", "draft", timeout=WAIT_MS)
    page.get_by_test_id("start-study").click()
    expect(plan).to_have_attribute("data-state", "running", timeout=WAIT_MS)
    expect(plan).to_contain_text("0 of 1 done")
    page.goto(f"/projects/{project}/tasks")
    expect(page.get_by_test_id("task")).to_have_count(1)  # who takes part is given their own object, nothing else
