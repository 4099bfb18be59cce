"""A dataset that one project exports comes into another, is looked at first, corrected, and taken back."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.clips import write_clip
from tests.e2e.exporting import dataset_over_http
from tests.e2e.main_job import create_project, open_workspace, upload
from tests.e2e.workspace import WAIT_MS, Workspace
from tests.running import RunningMaskloom


def test_what_one_project_exports_another_imports_corrects_and_takes_back(
    page: Page, maskloom: RunningMaskloom, tmp_path: Path
) -> None:
    clip = write_clip(tmp_path / "shared.mp4", "constant", num_frames=12)
    first = create_project(page, "Exported")
    workspace = open_workspace(page, upload(page, first, clip))
    workspace.click(84, 140)
    workspace.step_to(4)
    workspace.click(84, 140)
    drawn = counts_by_frame(workspace)
    assert sorted(drawn) == [0, 4]
    dataset = tmp_path / "dataset.zip"
    dataset.write_bytes(dataset_over_http(maskloom, first, form="youtube_vis"))

    second = create_project(page, "Imported")
    video = upload(page, second, clip)
    page.goto(f"/projects/{second}")
    page.get_by_test_id("import").click()
    page.get_by_test_id("import-input").set_input_files(dataset)
    expect(page.get_by_test_id("import-plan")).to_have_text("1 object in 1 video will be made.", timeout=WAIT_MS)
    expect(page.get_by_test_id("import-match")).to_have_value(video)
    page.get_by_test_id("start-import").click()
    page.get_by_test_id("see-imported").click(timeout=WAIT_MS)
    page.wait_for_url(f"**/videos/{video}")

    workspace = open_workspace(page, video)
    assert counts_by_frame(workspace) == drawn, "the same masks, to the bit"
    assert {mask["source"] for mask in workspace.masks().values()} == {"imported"}
    expect(page.get_by_text("Object 1", exact=True).first).to_be_visible()
    page.get_by_test_id("objects").get_by_role("button").first.click()
    workspace.click(300, 220, negative=True)
    corrected = counts_by_frame(workspace)
    assert corrected[4] == drawn[4]
    assert [mask["source"] for (_masklet, frame), mask in workspace.masks().items() if frame == 0] == ["prompted"]
    workspace.press("Control+z")
    workspace.until(lambda: counts_by_frame(workspace) == drawn, what="undo to the imported mask, and no further")

    page.goto(f"/projects/{second}")
    page.get_by_test_id("import").click()
    page.get_by_test_id("show-import").click()
    page.get_by_test_id("undo-import").click()
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("import-details")).to_contain_text("1 object taken back", timeout=WAIT_MS)
    open_workspace(page, video)
    expect(page.get_by_text("Object 1", exact=True)).to_have_count(0)


def counts_by_frame(workspace: Workspace) -> dict[int, str]:
    """The run lengths of the only object, by frame."""
    return {frame: mask["counts"] for (_masklet, frame), mask in workspace.masks().items()}
