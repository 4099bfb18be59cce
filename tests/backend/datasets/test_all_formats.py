"""Every format, from the request to what other software reads in the zip, against what the database holds."""

import hashlib
import io
import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import numpy as np
from PIL import Image
from pycocotools import mask as coco
from sqlalchemy import func, select

from backend.datasets.formats.registry import FORMATS
from backend.db.engine import Sessions
from backend.tables import FrameMask, FrameState, Masklet
from tests.backend.datasets.dataset_readers import READERS, Masks
from tests.backend.datasets.test_export import ask, dataset
from tests.backend.ontology.test_descriptions import said
from tests.backend.ontology.test_ontologies import VEHICLES, ids, replace
from tests.backend.workplace import Annotator, disk
from tests.clips import read_index

PALETTES = {"davis", "mose", "youtube_vos"}
GRID = range(0, 40, 4)
PICTURES = {"sa_v_val": range(40), "cutouts": range(0)}


async def annotate(annotator: Annotator) -> dict[str, str]:
    """Two objects that overlap on frame 4, one that comes late, and three that no export holds. By their names.

    Of classes and attributes too, what they are called has its id: the first object is a car.
    """
    answer = await replace(annotator.client, annotator.video.project_id, VEHICLES, 0)
    made = ids(answer.json()["ontology"])
    car = {"class_id": made["Car"], "attributes": [said(made["Occluded"], True, 4), said(made["Paint"], made["Red"])]}
    of_video = {"attributes": [said(made["Weather"], "rain", 8), said(made["Camera"], made["Hand"])]}
    answer = await annotator.client.put(f"/api/videos/{annotator.video.video_id}/labels", json=of_video)
    assert answer.is_success, answer.text
    made |= {"Tasse ☕": await annotator.create_masklet(name="Tasse ☕", **car)}
    made |= {name: await annotator.create_masklet(name=name) for name in ("lid", "late", "between", "never")}
    for frame in (0, 4):
        await annotator.draw(made["Tasse ☕"], frame, disk(100, 100, 30))
    for frame in (4, 8):
        await annotator.draw(made["lid"], frame, disk(120, 100, 30))
    await annotator.draw(made["lid"], 12, disk(0, 0, 0), tool="absent")
    await annotator.draw(made["late"], 36, disk(200, 150, 5))
    await annotator.draw(made["between"], 5, disk(200, 150, 5))
    await annotator.draw(made["never"], 4, disk(0, 0, 0), tool="absent")
    made["rejected"] = await annotator.create_masklet(name="rejected")
    await annotator.draw(made["rejected"], 4, disk(100, 100, 30))
    assert (await annotator.verdict(made["rejected"], "rejected")).is_success
    return made


async def stored(sessions: Sessions) -> dict[str, dict[int, np.ndarray]]:
    """The masks that can be seen on annotated frames, by masklet."""
    current = select(FrameState.masklet_id, FrameState.frame_index, FrameMask.counts).join(
        FrameMask, (FrameMask.masklet_id == FrameState.masklet_id) & (FrameMask.id == FrameState.mask_id)
    )
    found: dict[str, dict[int, np.ndarray]] = {}
    async with sessions.begin() as session:
        for masklet, frame, counts in await session.execute(current.where(FrameMask.area > 0)):
            if frame in GRID:
                mask = coco.decode({"size": [240, 320], "counts": counts}).astype(bool)
                found.setdefault(str(masklet), {})[frame] = mask
    return found


async def test_every_format_is_read_as_the_database_holds_it(
    annotator: Annotator, sessions: Sessions, tmp_path: Path
) -> None:
    made = await annotate(annotator)
    truth = await stored(sessions)
    for name in FORMATS:
        export, content = await dataset(annotator, format=name)
        archive = zipfile.ZipFile(io.BytesIO(content))
        manifest = json.loads(archive.read("manifest.json"))
        check_manifest(archive, manifest, made, annotator)
        assert manifest["report"] == export["report"]
        if name not in READERS:
            continue
        archive.extractall(tmp_path / name)
        check_masks(READERS[name](tmp_path / name), manifest, truth, overlaps=name not in PALETTES)
        pictures = sorted((tmp_path / name).rglob("*.jpg"))
        assert [int(path.stem) for path in pictures] == list(PICTURES.get(name, GRID))
        for path in pictures:
            with Image.open(path) as picture:
                assert picture.size == (320, 240)
                assert read_index(np.array(picture)) == int(path.stem)


def check_manifest(archive: zipfile.ZipFile, manifest: dict[str, Any], made: dict[str, str], at: Annotator) -> None:
    listed = {file["path"]: file for file in manifest["files"]}
    assert [*listed, "manifest.json"] == archive.namelist()
    for path, file in listed.items():
        data = archive.read(path)
        assert (file["bytes"], file["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    (video,) = manifest["videos"]
    assert (video["uuid"], video["name"], video["num_frames"]) == (str(at.video.video_id), "clip.mp4", 40)
    assert video["fps"] == {"num": 24, "den": 1}
    objects = [(each["number"], each["name"], each["uuid"]) for each in video["objects"]]
    assert objects == [(at + 1, name, made[name]) for at, name in enumerate(("Tasse ☕", "lid", "late"))]
    assert [each["class"] for each in video["objects"]] == [{"id": made["Car"], "name": "Car"}, None, None]
    assert [each["attributes"] for each in video["objects"]] == [
        [
            {"id": made["Occluded"], "name": "Occluded", "values": [[4, True]]},
            {"id": made["Paint"], "name": "Paint", "values": [[0, "Red"]]},
        ],
        [],
        [],
    ]
    assert video["attributes"] == [
        {"id": made["Weather"], "name": "Weather", "values": [[8, "rain"]]},
        {"id": made["Camera"], "name": "Camera", "values": [[0, "Hand"]]},
    ]
    assert ids(manifest["ontology"]).items() <= made.items()
    assert [(each["first_frame"], each["last_frame"]) for each in video["objects"]] == [(0, 4), (4, 8), (36, 36)]
    assert [(each["uuid"], each["name"], each["reason"]) for each in manifest["left_out"]] == [
        (made["between"], "between", "masklets_visible_only_between_annotated_frames"),
        (made["never"], "never", "masklets_never_visible"),
        (made["rejected"], "rejected", "rejected_masklets"),
    ]
    assert manifest["settings"]["only_satisfactory"] is False


def check_masks(
    read: Masks, manifest: dict[str, Any], truth: dict[str, dict[int, np.ndarray]], *, overlaps: bool
) -> None:
    (video,) = manifest["videos"]
    cup, lid, late = video["objects"]
    found = read[video["id"]]
    assert set(found) == {cup["id"], lid["id"], late["id"]}
    under = truth[cup["uuid"]][4] & truth[lid["uuid"]][4]
    assert under.any()
    for each in (cup, lid, late):
        assert set(found[each["id"]]) == set(truth[each["uuid"]])
        for frame, mask in truth[each["uuid"]].items():
            covered = under if each is cup and frame == 4 and not overlaps else np.zeros_like(under)
            assert np.array_equal(found[each["id"]][frame], mask & ~covered)
    assert cup.get("lost") == (None if overlaps else {"num_pixels": int(under.sum()), "num_masks": 0})
    lost = {"num_objects": 0 if overlaps else 1, "num_pixels": 0 if overlaps else int(under.sum()), "num_masks": 0}
    assert manifest["report"]["lost"] == lost | {"lowest_iou": 1.0}


async def test_a_deleted_object_changes_no_other_ones_id_and_the_date_is_the_contents(
    annotator: Annotator, sessions: Sessions
) -> None:
    answer = await replace(annotator.client, annotator.video.project_id, VEHICLES, 0)
    named_classes = ids(answer.json()["ontology"])
    first = await annotator.create_masklet(class_id=named_classes["Vehicle"])
    second = await annotator.create_masklet(class_id=named_classes["Bus"], name="Line 12")
    for masklet in (first, second):
        await annotator.draw(masklet, 4, disk(100, 100, 30))
    async with sessions.begin() as session:
        newest = await session.scalar(select(func.max(FrameMask.created_at)))
    before, date = await named(annotator, "davis")
    assert datetime.fromisoformat(date) == newest
    coco_before, _date = await named(annotator, "coco")
    assert (await annotator.delete(first)).is_success
    third = await annotator.create_masklet(key=uuid4())
    await annotator.draw(third, 4, disk(100, 100, 30))
    after, _date = await named(annotator, "davis")
    coco_after, _date = await named(annotator, "coco")
    assert after[second] == before[second] == Named(2, 2, "Line 12", "Bus")
    assert (first in after, after[third]) == (False, Named(3, 3, "Object 3", None))
    assert coco_after[second] == coco_before[second]
    assert coco_after[second].category_id == 3
    async with sessions.begin() as session:
        assert len((await session.scalars(select(Masklet))).all()) == 3


class Named(NamedTuple):
    """What a dataset calls an object."""

    id: int
    number: int
    name: str
    class_name: str | None
    category_id: int | None = None


async def named(annotator: Annotator, form: str) -> tuple[dict[str, Named], str]:
    """What each object is called, by uuid; and the content's date."""
    _export, content = await dataset(annotator, format=form)
    archive = zipfile.ZipFile(io.BytesIO(content))
    manifest = json.loads(archive.read("manifest.json"))
    categories: dict[int, int] = {}
    if form == "coco":
        written = json.loads(archive.read("annotations/instances_train.json"))
        categories = {each["track_id"]: each["category_id"] for each in written["annotations"]}
    (video,) = manifest["videos"]
    objects: dict[str, Named] = {}
    for each in video["objects"]:
        class_name = each["class"] and each["class"]["name"]
        objects[each["uuid"]] = Named(each["id"], each["number"], each["name"], class_name, categories.get(each["id"]))
    return objects, manifest["changed_at"]


async def test_every_frame_of_a_video_is_exported_when_asked_by_formats_that_can(
    annotator: Annotator, tmp_path: Path
) -> None:
    between = await annotator.create_masklet(name="between")
    await annotator.draw(between, 5, disk(200, 150, 5))
    _export, content = await dataset(annotator, format="davis", every_frame=True)
    archive = zipfile.ZipFile(io.BytesIO(content))
    archive.extractall(tmp_path)
    manifest = json.loads(archive.read("manifest.json"))
    (video,) = manifest["videos"]
    assert (video["frame_step"], video["num_masks"], video["num_unknown"]) == (1, 1, 39)
    assert manifest["settings"]["every_frame"] is True
    found = READERS["davis"](tmp_path)[video["id"]]
    assert {key: set(frames) for key, frames in found.items()} == {1: {5}}
    assert [int(path.stem) for path in sorted(tmp_path.rglob("*.jpg"))] == list(range(40))
    refused = await ask(annotator, format="sa_v", every_frame=True)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:maskloom:problem:only-annotated-frames")
