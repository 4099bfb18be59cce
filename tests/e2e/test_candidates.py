"""One key shows what else a click may mean."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.clips import write_clip
from tests.e2e.main_job import create_project, open_workspace, upload
from tests.e2e.workspace import WAIT_MS, Workspace


def test_a_key_cycles_through_the_candidates_for_a_click_and_undo_goes_back(page: Page, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "ball.mp4", "constant", num_frames=12)
    workspace = open_workspace(page, upload(page, create_project(page, "Candidates"), clip))
    hint = page.get_by_test_id("candidate-hint")
    expect(hint).to_have_count(0)
    workspace.click(84, 140)
    expect(hint).to_be_visible(timeout=WAIT_MS)

    shown = [candidate(workspace)]
    for _ in range(3):
        workspace.press("c")
        workspace.wait_saved()
        shown.append(candidate(workspace))
    assert [number for number, _counts in shown] == [(shown[0][0] + turn) % 3 for turn in range(4)]
    assert len({counts for _number, counts in shown}) == 3
    assert shown[3] == shown[0]
    expect(hint).to_contain_text(f"{shown[3][0] + 1} of 3")
    expect(page.get_by_test_id(f"candidate-{shown[3][0] + 1}")).to_have_attribute("aria-checked", "true")

    workspace.press("Control+z")
    workspace.until(lambda: candidate(workspace) == shown[2], what="undo to the candidate before")
    page.reload()
    workspace.open()
    assert candidate(workspace) == shown[2]

    page.get_by_test_id("objects").get_by_role("button").first.click()
    page.get_by_test_id(f"candidate-{shown[1][0] + 1}").click()
    workspace.wait_saved()
    assert candidate(workspace) == shown[1]
    workspace.click(300, 220, negative=True)
    expect(hint).to_have_count(0)
    expect(page.get_by_test_id("candidate-1")).to_be_disabled()


def candidate(workspace: Workspace) -> tuple[int, str]:
    """Which candidate the only mask is, and its run lengths."""
    (mask,) = workspace.masks().values()
    return mask["candidate"], mask["counts"]
