"""What other tools wrote is dropped in, corrected, propagated from and verified, and leaves in three formats.

The datasets are written here by the conventions of CVAT and YouTube-VIS, not by Maskloom's own exports.
"""

import base64
import io
import json
import re
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from playwright.sync_api import Page, expect
from pycocotools import mask as coco

from tests.clips import HEIGHT, WIDTH, draw_frame, iou, write_clip
from tests.e2e.main_job import create_project, open_workspace, upload
from tests.e2e.workspace import WAIT_MS, Workspace, decode

NUM_FRAMES, STRIDE = 24, 4
DRAWN, CORRECTED = 4, 8
PATCH = (slice(150, 200), slice(230, 300))  # rows and columns of the second object, while it is there
PATCH_FRAMES = range(12)


def test_datasets_of_other_tools_are_corrected_verified_and_exported(page: Page, tmp_path: Path) -> None:
    project = create_project(page, "From other tools", stride=STRIDE)
    video = upload(page, project, write_clip(tmp_path / "ball.mp4", "constant", num_frames=NUM_FRAMES))
    for name, content in (("cvat.zip", cvat_task()), ("vis.json", youtube_vis())):
        drop_in(page, project, video, name, content)

    workspace = open_workspace(page, video)
    ball, patch = objects_of(workspace)
    assert workspace.read("window.maskloom.objects.map((each) => each.objectClass?.name)") == ["toy", "patch"]
    masks = workspace.masks()
    assert [frame for key, frame in masks if key == ball] == [DRAWN]
    assert np.array_equal(decode(masks[ball, DRAWN]), draw_frame(DRAWN).truth)
    areas = {frame: mask["area"] for (key, frame), mask in masks.items() if key == patch}
    assert areas == {frame: 50 * 70 if frame in PATCH_FRAMES else 0 for frame in range(NUM_FRAMES)}

    correct_and_propagate(workspace, ball)
    verify(page, project, 2)
    stored = {key: mask for key, mask in open_workspace(page, video).masks().items() if key[1] % STRIDE == 0}
    for known, (form, check) in enumerate({"sa_v": check_sa_v, "coco": check_coco, "cvat": check_cvat}.items()):
        check(export(page, project, form, known), stored)


def cvat_task() -> bytes:
    """The ball on one frame, as CVAT writes a single mask: a track that the next frame closes."""
    truth = draw_frame(DRAWN).truth
    rows, columns = np.flatnonzero(truth.any(axis=1)), np.flatnonzero(truth.any(axis=0))
    crop = truth[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    place = f'left="{columns[0]}" top="{rows[0]}" width="{crop.shape[1]}" height="{crop.shape[0]}"'
    more = f'occluded="0" rle="{row_runs(crop)}" {place} z_order="0"'
    shapes = f'<mask frame="{DRAWN}" outside="0" {more}></mask><mask frame="{DRAWN + 1}" outside="1" {more}></mask>'
    track = f'<track id="0" label="toy" source="manual">{shapes}</track>'
    size = f"<original_size><width>{WIDTH}</width><height>{HEIGHT}</height></original_size>"
    frames = f"<start_frame>0</start_frame><stop_frame>{NUM_FRAMES - 1}</stop_frame>"
    labels = "<labels><label><name>toy</name><color>#fafa37</color><attributes></attributes></label></labels>"
    told = f"<id>5</id><name>T</name><size>{NUM_FRAMES}</size><source>ball.mp4</source>"
    task = f"<task>{told}{frames}{labels}{size}</task>"
    document = f'<?xml version="1.0"?><annotations><version>1.1</version><meta>{task}</meta>{track}</annotations>'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("annotations.xml", document)
    return buffer.getvalue()


def row_runs(crop: np.ndarray) -> str:
    edges = np.flatnonzero(np.diff(crop.ravel().astype(np.int8), prepend=0, append=0))
    bounds = [0, *edges.tolist()] + ([crop.size] if crop.ravel()[-1] == 0 else [])
    return ", ".join(str(after - before) for before, after in pairwise(bounds))


def youtube_vis() -> bytes:
    """A patch of the ground, which leaves halfway."""
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    pixels[PATCH] = 1
    encoded = coco.encode(np.asfortranarray(pixels))
    mask = {"size": [HEIGHT, WIDTH], "counts": encoded["counts"].decode()}  # type: ignore[union-attr]
    names = [f"ball/{frame:05d}.jpg" for frame in range(NUM_FRAMES)]
    segmentations = [mask if frame in PATCH_FRAMES else None for frame in range(NUM_FRAMES)]
    return json.dumps(
        {
            "videos": [{"id": 1, "width": WIDTH, "height": HEIGHT, "length": NUM_FRAMES, "file_names": names}],
            "categories": [{"id": 7, "name": "patch", "supercategory": "ground"}],
            "annotations": [{"id": 1, "video_id": 1, "category_id": 7, "iscrowd": 0, "segmentations": segmentations}],
        }
    ).encode()


def drop_in(page: Page, project: str, video: str, name: str, content: bytes) -> None:
    """Let a file fall onto the dialog, look at what it matches, and import it."""
    page.goto(f"/projects/{project}")
    page.get_by_test_id("import").click()
    dropped = page.evaluate_handle(
        """([name, content]) => {
            const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
            const carried = new DataTransfer();
            carried.items.add(new File([bytes], name));
            return carried;
        }""",
        [name, base64.b64encode(content).decode()],
    )
    page.get_by_test_id("import-drop").dispatch_event("drop", {"dataTransfer": dropped})
    expect(page.get_by_test_id("import-plan")).to_have_text("1 object in 1 video will be made.", timeout=WAIT_MS)
    expect(page.get_by_test_id("import-match")).to_have_value(video)
    page.get_by_test_id("start-import").click()
    page.get_by_test_id("see-imported").click(timeout=WAIT_MS)
    page.wait_for_url(f"**/videos/{video}", timeout=WAIT_MS)


def objects_of(workspace: Workspace) -> list[str]:
    """Masklet ids in the order in which they were made."""
    workspace.until(lambda: len({key for key, _frame in workspace.masks()}) == 2, what="two imported objects")
    return workspace.read("window.maskloom.objects.map((each) => each.key)")


def correct_and_propagate(workspace: Workspace, ball: str) -> None:
    workspace.page.get_by_test_id("objects").get_by_role("button").first.click()
    workspace.step_to(CORRECTED)
    rows, columns = np.nonzero(draw_frame(CORRECTED).truth)
    workspace.click(float(columns.mean()), float(rows.mean()))
    workspace.until(lambda: (ball, CORRECTED) in workspace.masks(), what="the corrected frame's mask")
    before = workspace.masks()
    workspace.press("t")
    workspace.wait_run_over()
    masks = workspace.masks()
    assert {frame for key, frame in masks if key == ball} == set(range(NUM_FRAMES))
    for frame in (DRAWN, CORRECTED):
        assert masks[ball, frame]["id"] == before[ball, frame]["id"], "what people made stays"
    sources = {frame: mask["source"] for (key, frame), mask in masks.items() if key == ball}
    assert sources[DRAWN] == "imported"
    assert sources[CORRECTED] == "prompted"
    assert sources[CORRECTED + STRIDE] == "propagated"
    assert iou(decode(masks[ball, CORRECTED + STRIDE]), draw_frame(CORRECTED + STRIDE).truth) > 0.5


def verify(page: Page, project: str, count: int) -> None:
    page.get_by_test_id("claim-task").click()
    page.get_by_test_id("submit-task").click()
    page.wait_for_url(f"**/projects/{project}/tasks", timeout=WAIT_MS)
    page.goto(f"/projects/{project}/review")
    for left in range(count, 0, -1):
        expect(page.get_by_test_id("review-item")).to_have_count(left, timeout=WAIT_MS)
        expect(page.get_by_test_id("review-player")).to_have_attribute(
            "data-frame", re.compile("[1-9]"), timeout=WAIT_MS
        )
        page.keyboard.press("y")
    expect(page.get_by_test_id("nothing-to-review")).to_be_visible(timeout=WAIT_MS)


def export(page: Page, project: str, form: str, known: int) -> zipfile.ZipFile:
    """Through the dialog, which lists so many exports before."""
    page.goto(f"/projects/{project}")
    page.get_by_test_id("export").click()
    rows = page.get_by_test_id("export-row")
    expect(rows).to_have_count(known)
    page.get_by_test_id("export-format").select_option(form)
    page.get_by_test_id("start-export").click()
    expect(rows).to_have_count(known + 1, timeout=WAIT_MS)
    expect(rows.first).to_have_attribute("data-state", "done", timeout=2 * WAIT_MS)
    with page.expect_download() as download:
        page.get_by_test_id("download-export").first.click()
    return zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes()))


Stored = dict[tuple[str, int], dict[str, Any]]


def visible(stored: Stored) -> dict[tuple[str, int], str]:
    return {key: mask["counts"] for key, mask in stored.items() if mask["area"]}


def check_sa_v(archive: zipfile.ZipFile, stored: Stored) -> None:
    (name,) = (name for name in archive.namelist() if name.endswith("_manual.json"))
    annotation = json.loads(archive.read(name))
    ids = objects_in(archive)
    found = {
        (ids[number], index * STRIDE): one["counts"]
        for index, objects in enumerate(annotation["masklet"])
        for number, one in zip(annotation["masklet_id"], objects, strict=True)
        if coco.area({"size": one["size"], "counts": one["counts"].encode()})
    }
    assert found == visible(stored)


def check_coco(archive: zipfile.ZipFile, stored: Stored) -> None:
    (name,) = (name for name in archive.namelist() if name.endswith(".json") and name != "manifest.json")
    document = json.loads(archive.read(name))
    frames, ids = {image["id"]: image["frame_index"] for image in document["images"]}, objects_in(archive)
    classes = {each["id"]: each["name"] for each in document["categories"]}
    given = {(ids[each["track_id"]], classes[each["category_id"]]) for each in document["annotations"]}
    assert sorted(name for _masklet, name in given) == ["patch", "toy"]
    found = {
        (ids[each["track_id"]], frames[each["image_id"]]): each["segmentation"]["counts"]
        for each in document["annotations"]
    }
    assert found == visible(stored)


def check_cvat(archive: zipfile.ZipFile, stored: Stored) -> None:
    found: dict[tuple[str, int], str] = {}
    ids = objects_in(archive)
    (name,) = (name for name in archive.namelist() if name.endswith(".xml"))
    for track in ElementTree.fromstring(archive.read(name)).iter("track"):
        for shape in track.iter("mask"):
            if shape.attrib["outside"] == "1":
                continue
            left, top, width, height = (int(shape.attrib[name]) for name in ("left", "top", "width", "height"))
            runs = [int(run) for run in shape.attrib["rle"].split(",")]
            pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
            crop = np.repeat(np.arange(len(runs)) % 2, runs).reshape(height, width)
            pixels[top : top + height, left : left + width] = crop
            counts = coco.encode(np.asfortranarray(pixels))["counts"].decode()  # type: ignore[union-attr]
            found[ids[int(track.attrib["group_id"])], int(shape.attrib["frame"])] = counts
    assert {key: counts for key, counts in found.items() if key[1] % STRIDE == 0} == visible(stored)


def objects_in(archive: zipfile.ZipFile) -> dict[int, str]:
    """Masklets by their ids in the files, as the archive itself tells."""
    (video,) = json.loads(archive.read("manifest.json"))["videos"]
    return {one["id"]: one["uuid"] for one in video["objects"]}
