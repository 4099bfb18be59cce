"""An upload whose connection breaks is sent again by itself."""

from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.clips import write_clip
from tests.e2e.main_job import create_project
from tests.e2e.workspace import WAIT_MS


def test_a_broken_upload_goes_on_by_itself(page: Page, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "ball.mp4", "constant", num_frames=12)
    project = create_project(page, "Broken connection")
    page.goto(f"/projects/{project}")
    tries: list[str | None] = []
    broken = True

    def break_off(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()  # the list of videos
            return
        tries.append(route.request.headers.get("idempotency-key"))
        if broken:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/api/projects/*/videos?*", break_off)
    page.get_by_test_id("upload-input").set_input_files(clip)
    expect(page.get_by_test_id("upload")).to_have_attribute("data-state", "held", timeout=WAIT_MS)
    expect(page.get_by_text("It is sent again by itself")).to_be_visible(timeout=WAIT_MS)
    broken = False
    card = page.get_by_test_id("video-card").filter(has_text=clip.name)
    expect(card).to_have_attribute("data-state", "ready", timeout=4 * WAIT_MS)
    assert len(tries) > 1
    assert len(set(tries)) == 1  # so that it cannot be taken twice
    expect(page.get_by_test_id("video-card")).to_have_count(1)
    expect(page.get_by_test_id("upload")).to_have_count(0)
