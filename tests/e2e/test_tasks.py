"""A day's work from the queue: take the next task, do it, submit it, verify."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.clips import write_clip
from tests.e2e.main_job import create_project, upload
from tests.e2e.workspace import WAIT_MS, Workspace


def test_a_task_is_taken_with_one_key_submitted_and_verified(page: Page, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "ball.mp4", "constant", num_frames=12)
    project = create_project(page, "Queue")
    video = upload(page, project, clip)
    page.goto(f"/projects/{project}/tasks")
    expect(page.get_by_test_id("task")).to_have_count(1)
    page.keyboard.press("n")
    page.wait_for_url(f"**/videos/{video}", timeout=WAIT_MS)
    workspace = Workspace(page, video)
    workspace.wait_for("window.maskloom?.shownFrame !== null && window.maskloom?.state.loaded")
    expect(page.get_by_test_id("task-held")).to_contain_text("Annotate")
    workspace.click(84, 140)
    workspace.press("t")
    workspace.wait_run_over()
    page.get_by_test_id("submit-task").click()
    page.wait_for_url(f"**/projects/{project}/tasks", timeout=WAIT_MS)
    verify = page.get_by_test_id("task")
    expect(verify).to_have_count(1)
    expect(verify).to_have_attribute("data-kind", "verify")
    page.keyboard.press("n")
    page.wait_for_url(f"**/projects/{project}/review/*", timeout=WAIT_MS)
    expect(page.get_by_test_id("review-page")).to_be_visible(timeout=WAIT_MS)
    with page.expect_response(lambda response: response.url.endswith("/verdicts")) as judged:
        page.keyboard.press("y")
    assert judged.value.ok, judged.value.text()
    page.goto(f"/projects/{project}/tasks")
    page.get_by_test_id("tasks-done").click()
    expect(page.get_by_test_id("task")).to_have_count(2)


def test_a_task_that_is_taken_away_says_so_and_refuses_the_next_edit(page: Page, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "ball.mp4", "constant", num_frames=12)
    project = create_project(page, "Taken away")
    video = upload(page, project, clip)
    workspace = Workspace(page, video)
    workspace.wait_for("window.maskloom?.shownFrame !== null && window.maskloom?.state.loaded")
    page.get_by_test_id("claim-task").click()
    expect(page.get_by_test_id("task-held")).to_be_visible()
    task = page.request.get(f"/api/projects/{project}/tasks").json()[0]
    freed = page.request.patch(f"/api/tasks/{task['id']}", data={"assignee_id": None})
    assert freed.ok, freed.text()
    page.mouse.click(*workspace.screen(84, 140))
    expect(page.get_by_test_id("task-lost")).to_be_visible(timeout=WAIT_MS)
    assert workspace.read("window.maskloom.state.replica.masklets.size") == 0
    page.get_by_role("button", name="Claim it again").click()
    expect(page.get_by_test_id("task-held")).to_be_visible()
    page.get_by_test_id("refused").get_by_role("button", name="Try again").click()
    workspace.wait_saved()
    assert len(workspace.masks()) == 1, "what was refused is made now"


def test_a_manager_says_where_a_video_is_from_and_whose_its_task_is(page: Page, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "ball.mp4", "constant", num_frames=12)
    project = create_project(page, "Sources")
    video = upload(page, project, clip)
    page.goto(f"/projects/{project}")
    page.get_by_test_id("video-menu").click()
    page.get_by_test_id("show-details").click()
    page.get_by_test_id("video-source").fill("the park")
    page.get_by_test_id("save-details").click()
    expect(page.get_by_test_id("video-details")).to_have_count(0)
    assert page.request.get(f"/api/videos/{video}").json()["split_source"] == "the park"

    me = page.request.get("/api/me").json()
    page.goto(f"/projects/{project}/tasks")
    page.get_by_test_id("hand-over").click()
    page.get_by_role("menuitem", name=f"Give it to {me['name']}").click()
    expect(page.get_by_test_id("task")).to_contain_text("Waits for you")
    page.get_by_test_id("hand-over").click()
    page.get_by_test_id("free-task").click()
    expect(page.get_by_test_id("task")).to_contain_text("Anybody")
