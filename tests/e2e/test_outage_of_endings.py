"""What ends a piece of work while the service is away: kept where it was pressed, repeated, and never lost unseen."""

from pathlib import Path

from playwright.sync_api import Browser, Page, Route, expect

from tests.clips import write_clip
from tests.e2e.main_job import create_project, open_workspace, upload
from tests.e2e.workspace import WAIT_MS, Workspace
from tests.running import RunningMaskloom


class Outage:
    """Answers nothing but failures to what ends work, and counts the keys under which it is tried."""

    def __init__(self, page: Page) -> None:
        self.keys: list[str] = []
        self._page = page
        page.context.route("**/submit", self._fail)
        page.context.route("**/verdicts", self._fail)

    def await_tries(self, number: int) -> None:
        """Returns while none is on its way: one that outlives its page would not be held up."""
        while len(self.keys) < number:
            self._page.wait_for_timeout(50)

    def end(self) -> None:
        self._page.context.unroute_all()

    def _fail(self, route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        self.keys.append(route.request.headers["idempotency-key"])
        if len(self.keys) % 2:
            return route.abort()
        return route.fulfill(status=502, content_type="text/html", body="<h1>Bad gateway</h1>")


def test_a_submission_and_a_verdict_wait_for_the_service(
    browser: Browser, maskloom: RunningMaskloom, tmp_path: Path
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=maskloom.url)
    page = context.new_page()
    project_id = create_project(page, "Outage")
    video = upload(page, project_id, write_clip(tmp_path / "ball.mp4", "constant", num_frames=12))
    workspace = open_workspace(page, video)
    page.get_by_test_id("claim-task").click()
    workspace.click(84, 140)
    workspace.press("t")
    workspace.wait_run_over()
    _a_submission_that_waits_is_taken_back(page, project_id)
    _a_submission_outlives_a_reload(page, project_id, workspace)
    _a_verdict_waits_and_arrives(page, project_id)
    context.close()


def _a_submission_that_waits_is_taken_back(page: Page, project_id: str) -> None:
    outage = Outage(page)
    page.get_by_test_id("submit-task").click()
    expect(page.get_by_test_id("outcome")).to_contain_text("waiting for the service", timeout=WAIT_MS)
    page.get_by_test_id("take-outcome-back").click()
    expect(page.get_by_test_id("outcome")).to_have_count(0, timeout=WAIT_MS)
    outage.end()
    page.wait_for_timeout(1500)
    assert _states(page, project_id) == [("annotate", "claimed")], "nobody has submitted it"


def _a_submission_outlives_a_reload(page: Page, project_id: str, workspace: Workspace) -> None:
    outage = Outage(page)
    page.get_by_test_id("submit-task").click()
    expect(page.get_by_test_id("outcome")).to_contain_text("waiting for the service", timeout=WAIT_MS)
    outage.await_tries(3)
    page.reload()
    workspace.wait_for("window.maskloom?.state.loaded")
    waiting = page.get_by_test_id("outcome")
    expect(waiting).to_contain_text("Submit ball.mp4: waiting for the service", timeout=WAIT_MS)
    expect(page.get_by_test_id("submit-task")).to_be_disabled()
    outage.await_tries(5)
    assert _states(page, project_id) == [("annotate", "claimed")]
    assert len(set(outage.keys)) == 1
    outage.end()
    expect(page.get_by_test_id("toast").filter(has_text="Submitted")).to_be_visible(timeout=WAIT_MS)
    expect(waiting).to_have_count(0)
    assert _states(page, project_id) == [("annotate", "done"), ("verify", "open")]


def _a_verdict_waits_and_arrives(page: Page, project_id: str) -> None:
    page.goto(f"/projects/{project_id}/review")
    expect(page.get_by_test_id("review-page")).to_be_visible(timeout=WAIT_MS)
    outage = Outage(page)
    page.keyboard.press("r")
    expect(page.get_by_test_id("verdicts-wait")).to_contain_text("waiting for the service", timeout=WAIT_MS)
    outage.await_tries(3)
    page.goto(f"/projects/{project_id}")
    expect(page.get_by_test_id("outcome")).to_contain_text("rejected: waiting for the service", timeout=WAIT_MS)
    outage.end()
    expect(page.get_by_test_id("toast").filter(has_text="rejected")).to_be_visible(timeout=WAIT_MS)
    assert _states(page, project_id) == [("annotate", "done"), ("verify", "done")]
    assert len(set(outage.keys)) == 1


def _states(page: Page, project_id: str) -> list[tuple[str, str]]:
    tasks = page.request.get(f"/api/projects/{project_id}/tasks").json()
    return sorted((task["kind"], task["state"]) for task in tasks)
