"""The main job in a real browser: upload, click, correct, propagate, brush, undo, redo, verify, export."""

import json
import math
import os
import re
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from pycocotools import mask as coco

from tests.architecture.repository import ROOT
from tests.clips import draw_frame, iou, write_clip
from tests.e2e.exporting import all_frames
from tests.e2e.main_job import create_project, open_workspace, upload
from tests.e2e.workspace import WAIT_MS, Workspace, decode
from tests.running import RunningMaskloom

SHARED = Path(os.environ.get("MASKLOOM_SHARED_DATA", ROOT.parent / "shared" / "data"))
REAL_CLIP = SHARED / "clips" / "sav_000001_head" / "video.mp4"
LEAST_IOU = 0.6  # of a clicked mask with the drawn truth
STRIDE = 4


@pytest.mark.long
def test_a_real_clip_goes_from_upload_to_export(maskloom: RunningMaskloom, page: Page) -> None:
    if not REAL_CLIP.exists():
        pytest.skip("the real SA-V clip is not here; the same story runs on a generated clip below")
    whole_story(maskloom, page, REAL_CLIP, target=(250, 330), elsewhere=(60, 60))


def test_a_generated_clip_goes_from_upload_to_export(maskloom: RunningMaskloom, page: Page, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "ball.mp4", "constant", num_frames=30)
    truth = draw_frame(8).truth
    rows, columns = np.nonzero(truth)
    workspace, masklet_id = whole_story(
        maskloom, page, clip, target=(float(columns.mean()), float(rows.mean())), elsewhere=(300, 220)
    )
    clicked = workspace.mask(masklet_id, 8)
    assert clicked is not None
    assert iou(clicked, truth) >= LEAST_IOU


def whole_story(
    maskloom: RunningMaskloom, page: Page, clip: Path, *, target: tuple[float, float], elsewhere: tuple[float, float]
) -> tuple[Workspace, str]:
    project_id = create_project(page, f"Story of {clip.stem}", stride=STRIDE)
    add_class(page, project_id, "Ball")
    video_id = upload(page, project_id, clip)
    workspace = open_workspace(page, video_id)
    assert workspace.read("window.maskloom.decodedBy") == "webcodecs"
    assert workspace.read("window.maskloom.framesDecoded") > 0

    masklet_id = click_and_correct(workspace, target, elsewhere)
    num_frames = workspace.read("window.maskloom.state.video.numFrames")
    propagate_both_ways(workspace, masklet_id, num_frames)
    brush_undo_redo(workspace, masklet_id, elsewhere)
    give_class(workspace, "Ball")
    assert workspace.read("window.maskloom.decodedBy") == "webcodecs"

    verify(page, project_id)
    assert reviewed_seconds(page, video_id, masklet_id) > 0
    archive = export(page, project_id)
    check_export(maskloom, archive, video_id, masklet_id, num_frames)
    return open_workspace(page, video_id), masklet_id


def add_class(page: Page, project_id: str, name: str) -> None:
    """On the page of classes; it gets the first free key."""
    page.goto(f"/projects/{project_id}/classes")
    page.get_by_test_id("add-class").click()
    page.keyboard.type(name)
    page.get_by_test_id("save-ontology").click()
    expect(page.get_by_test_id("save-ontology")).to_be_disabled(timeout=WAIT_MS)


def give_class(workspace: Workspace, name: str) -> None:
    """By one key, which undo takes back."""
    for key, shown in (("1", name), ("Control+z", None), ("Control+Shift+z", name)):
        workspace.press(key)
        workspace.wait_saved()
        assert workspace.read("window.maskloom.objects[0].objectClass?.name ?? null") == shown
    expect(workspace.page.get_by_test_id("object-class")).to_have_text(name)


def click_and_correct(workspace: Workspace, target: tuple[float, float], elsewhere: tuple[float, float]) -> str:
    workspace.step_to(8)
    workspace.click(*target)
    workspace.until(lambda: bool(workspace.masks()), what="a mask after the click")
    (masklet_id, frame_index), first = next(iter(workspace.masks().items()))
    assert frame_index == 8
    assert first["area"] > 0
    assert decode(first)[int(target[1]), int(target[0])], "the clicked pixel is inside the mask"
    assert first["predicted_iou"] is not None
    assert first["object_score"] is not None
    workspace.click(*elsewhere, negative=True)
    corrected = workspace.masks()[masklet_id, 8]
    assert corrected["id"] != first["id"]
    assert [click["label"] for click in corrected["prompts"]["clicks"]] == ["positive", "negative"]
    assert not decode(corrected)[int(elsewhere[1]), int(elsewhere[0])]
    return masklet_id


def propagate_both_ways(workspace: Workspace, masklet_id: str, num_frames: int) -> None:
    prompted = workspace.masks()[masklet_id, 8]["id"]
    workspace.press("t")
    workspace.wait_run_over()
    masks = workspace.masks()
    assert sorted(frame for _, frame in masks) == list(range(num_frames))
    assert masks[masklet_id, 8]["id"] == prompted, "a prompted frame keeps its mask"
    assert {mask["source"] for key, mask in masks.items() if key[1] != 8} == {"propagated"}


def brush_undo_redo(workspace: Workspace, masklet_id: str, elsewhere: tuple[float, float]) -> None:
    workspace.step_to(12)
    before = workspace.masks()[masklet_id, 12]
    workspace.press("b")
    x, y = elsewhere
    workspace.stroke((x, y), (x - 20, y), (x - 40, y - 10))
    edited = workspace.masks()[masklet_id, 12]
    assert edited["source"] == "edited"
    assert decode(edited)[int(y), int(x - 10)]
    assert edited["area"] > before["area"]

    workspace.press("Control+z")
    workspace.until(lambda: workspace.masks()[masklet_id, 12]["id"] == before["id"], what="undo of the stroke")
    workspace.press("Control+z")
    workspace.until(lambda: len(workspace.masks()) == 1, what="undo of the whole propagation in one step")
    workspace.press("Control+Shift+z")
    workspace.until(lambda: len(workspace.masks()) > 1, what="redo of the propagation")
    workspace.press("Control+Shift+z")
    workspace.until(lambda: workspace.masks()[masklet_id, 12]["id"] == edited["id"], what="redo of the stroke")
    workspace.wait_saved()


def verify(page: Page, project_id: str) -> None:
    page.get_by_test_id("claim-task").click()
    page.get_by_test_id("submit-task").click()
    page.wait_for_url(f"**/projects/{project_id}/tasks", timeout=WAIT_MS)
    page.goto(f"/projects/{project_id}/review")
    expect(page.get_by_test_id("review-item").first).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_test_id("review-player")).to_have_attribute("data-frame", re.compile("[1-9]"), timeout=WAIT_MS)
    page.keyboard.press("y")
    expect(page.get_by_test_id("nothing-to-review")).to_be_visible(timeout=WAIT_MS)


def reviewed_seconds(page: Page, video_id: str, masklet_id: str) -> float:
    """What the verifier's look counts towards the masklet; the page sends it when the masklet leaves the page."""
    page.wait_for_timeout(500)
    timing = page.request.get(f"/api/videos/{video_id}/timing").json()
    return next(row["verifying_seconds"] for row in timing["masklets"] if row["masklet_id"] == masklet_id)


def export(page: Page, project_id: str) -> zipfile.ZipFile:
    page.goto(f"/projects/{project_id}")
    page.get_by_test_id("export").click()
    page.get_by_test_id("start-export").click()
    expect(page.get_by_test_id("export-row").first).to_have_attribute("data-state", "done", timeout=2 * WAIT_MS)
    with page.expect_download() as download:
        page.get_by_test_id("download-export").first.click()
    return zipfile.ZipFile(BytesIO(Path(download.value.path()).read_bytes()))


def check_export(
    maskloom: RunningMaskloom, archive: zipfile.ZipFile, video_id: str, masklet_id: str, num_frames: int
) -> None:
    names = archive.namelist()
    manual = next(name for name in names if name.endswith("_manual.json"))
    assert manual.replace("_manual.json", ".mp4") in names
    annotation = json.loads(archive.read(manual))
    assert len(annotation["masklet"]) == math.ceil(num_frames / STRIDE)
    stored = {
        (frame["masklet_id"], frame["frame_index"]): frame["mask"]
        for frame in all_frames(maskloom, video_id)
        if frame["mask"] is not None
    }
    for annotated_index, objects in enumerate(annotation["masklet"]):
        assert len(objects) == 1
        size = [int(annotation["video_height"]), int(annotation["video_width"])]
        assert objects[0]["size"] == size
        pixels = coco.decode({"size": size, "counts": objects[0]["counts"].encode()})
        expected = stored[masklet_id, annotated_index * STRIDE]
        assert objects[0]["counts"] == expected["counts"]
        assert pixels.sum() == expected["area"]
