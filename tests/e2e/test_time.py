"""Honest time in a real browser: two tabs, one clock; what a tab could not send, the next one does."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Request

from tests.clips import write_clip
from tests.e2e.main_job import create_project, open_workspace, upload
from tests.e2e.workspace import Workspace


def recorded(page: Page) -> list[dict[str, Any]]:
    """The activity events this tab sends from now on."""
    events: list[dict[str, Any]] = []

    def take(request: Request) -> None:
        if request.url.endswith("/api/activity"):
            events.extend(request.post_data_json["events"])

    page.on("request", take)
    return events


def holders(page: Page) -> int:
    """How many tabs of this browser hold the clock. A page's unsaved edits have a lock of their own."""
    return page.evaluate(
        "() => navigator.locks.query().then(({ held }) => held.filter(({ name }) => name === 'maskloom-clock').length)"
    )


def work(workspace: Workspace, seconds: int) -> None:
    for step in range(2 * seconds):
        workspace.page.mouse.move(400 + step, 300)
        workspace.page.wait_for_timeout(500)


@pytest.mark.long
def test_two_tabs_share_one_clock_and_events_outlive_a_lost_connection(page: Page, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "ball.mp4", "constant", num_frames=30)
    video_id = upload(page, create_project(page, "Two tabs"), clip)
    first = open_workspace(page, video_id)
    of_first = recorded(page)
    work(first, 6)
    context: BrowserContext = page.context
    other_page = context.new_page()
    of_other = recorded(other_page)
    other = Workspace(other_page, video_id).open()
    work(other, 6)
    assert holders(other_page) == 1
    first.page.wait_for_timeout(200)
    assert [event["kind"] for event in of_first][-1] == "blur", "the clock went to the other tab"
    assert {"focus", "heartbeat"} <= {event["kind"] for event in of_other}

    context.set_offline(True)
    work(other, 6)
    kept = other_page.evaluate("() => Object.keys(localStorage).filter(k => k.startsWith('maskloom-activity')).length")
    assert kept >= 1
    context.set_offline(False)
    other_page.close()  # what it kept is sent by the tab that comes next
    page.bring_to_front()
    page.reload()
    open_workspace(page, video_id)
    page.wait_for_timeout(6000)
    assert {event["session_id"] for event in of_other} < {event["session_id"] for event in of_first}
    timing = page.request.get(f"/api/videos/{video_id}/timing").json()
    assert 18 <= timing["annotation_seconds"] <= timing["focused_seconds"] <= timing["open_seconds"]
    assert timing["gaps"] == []
