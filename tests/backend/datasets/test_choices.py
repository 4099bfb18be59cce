"""What a person chooses for an export is what the dataset holds, and what the manifest says of it."""

import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import av
import numpy as np
import pytest
from hypothesis import given, settings
from PIL import Image
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.datasets import queries
from backend.datasets.formats.format import ExportedMasklet, ExportedVideo, Overlaps
from backend.datasets.formats.registry import FORMATS
from backend.datasets.problems import OverlappingObjects
from backend.db.engine import Sessions
from backend.settings import Settings
from backend.tables import AuditEntry, FrameMask, FrameState, Masklet, StoredOntology, Video
from backend.tables.states import MaskSource, Origin, VerdictKind
from tests.backend.datasets.dataset_readers import READERS
from tests.backend.datasets.test_export import ask, dataset, written
from tests.backend.datasets.test_lossless_layouts import PALETTES, masklet, truth, video, videos
from tests.backend.datasets.test_lossless_layouts import dataset as written_dataset
from tests.backend.ontology.test_ontologies import VEHICLES, ids
from tests.backend.ontology.test_ontologies import replace as replace_ontology
from tests.backend.workplace import Annotator, StoredVideo, disk


async def another_video(annotator: Annotator, sessions: Sessions, **changes: Any) -> Annotator:
    """The same person on a copy of the video in the same project."""
    async with sessions.begin() as session:
        found = await session.get_one(Video, annotator.video.video_id)
        columns: dict[str, Any] = {column.name: getattr(found, column.name) for column in Video.__table__.columns}
        later: dict[str, Any] = {"created_at": found.created_at + timedelta(seconds=1)}
        added = columns | {"id": uuid4(), "seq": 0} | later | changes
        session.add(Video(**added))
    stored = StoredVideo(annotator.video.project_id, added["id"], annotator.video.num_frames)
    return Annotator(annotator.client, stored)


async def made_by_the_model(sessions: Sessions, key: str) -> None:
    """Make it look as if a search had found it, and a verifier accepted it. Masks never change, so it gets others."""
    one = Masklet.id == UUID(key)
    async with sessions.begin() as session:
        await session.execute(update(Masklet).where(one).values(origin=Origin.auto, verdict=VerdictKind.satisfactory))
        for drawn in (await session.scalars(select(FrameMask).where(FrameMask.masklet_id == UUID(key)))).all():
            columns: dict[str, Any] = {each.name: getattr(drawn, each.name) for each in FrameMask.__table__.columns}
            del columns["revision"]
            found = FrameMask(**columns | {"id": uuid4(), "source": MaskSource.automatic})
            session.add(found)
            await session.flush()
            state = update(FrameState).where(FrameState.masklet_id == UUID(key), FrameState.mask_id == drawn.id)
            await session.execute(state.values(mask_id=found.id, prompt_set_id=None))


def opened(content: bytes) -> tuple[zipfile.ZipFile, dict[str, Any]]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    return archive, json.loads(archive.read("manifest.json"))


async def test_videos_splits_and_origins_are_chosen_and_the_manifest_says_what_stayed_out(
    annotator: Annotator, sessions: Sessions
) -> None:
    second = await another_video(annotator, sessions, name="second.mp4", split="val")
    made: dict[str, str] = {}
    for at, (place, name) in enumerate([(annotator, "cup"), (annotator, "found"), (second, "lid")]):
        made[name] = await place.create_masklet(name=name)
        await place.draw(made[name], 4, disk(60 + 40 * at, 100, 15))
    await made_by_the_model(sessions, made["found"])

    async def held(**choices: Any) -> tuple[set[str], dict[str, Any]]:
        _export, content = await dataset(annotator, format="object_masks", frames="none", **choices)
        _archive, manifest = opened(content)
        return {each["name"] for entry in manifest["videos"] for each in entry["objects"]}, manifest

    first_id, second_id = str(annotator.video.video_id), str(second.video.video_id)
    names, manifest = await held(video_ids=[second_id])
    assert (names, manifest["left_out"]) == ({"lid"}, [])
    assert manifest["settings"]["video_ids"] == [second_id]
    names, manifest = await held(splits=["Validation"])
    assert names == {"lid"}
    assert manifest["left_out"] == [{"video": first_id, "name": "clip.mp4", "reason": "videos_of_other_splits"}]
    names, manifest = await held(origins=["auto"])
    assert names == {"found"}
    assert [(each["name"], each["reason"]) for each in manifest["left_out"]] == [
        ("cup", "masklets_of_other_origin"),
        ("lid", "masklets_of_other_origin"),
        ("second.mp4", "videos_with_no_masklet_chosen"),
    ]
    assert (await held(origins=["manual"]))[0] == {"cup", "lid"}
    assert (await held())[0] == {"cup", "found", "lid"}
    failed = await written(annotator, format="coco", video_ids=[first_id], splits=["test"])
    assert failed["problem"]["detail"] == "Left out: 1 videos of other splits"


async def test_classes_are_chosen_and_unknown_ones_are_refused_by_their_ids(annotator: Annotator) -> None:
    made = await replace_ontology(annotator.client, annotator.video.project_id, VEHICLES, 0)
    of_classes = ids(made.json()["ontology"])
    for at, (name, object_class) in enumerate([("cup", None), ("taxi", "Car"), ("van", "Vehicle")]):
        class_id = None if object_class is None else of_classes[object_class]
        one = await annotator.create_masklet(name=name, class_id=class_id)
        await annotator.draw(one, 4, disk(60 + 40 * at, 100, 9))
    export, content = await dataset(annotator, format="coco", frames="none", classes=[of_classes["Car"], None])
    archive, manifest = opened(content)
    assert export["classes"] == manifest["settings"]["classes"] == [of_classes["Car"], None]
    assert [each["name"] for each in manifest["videos"][0]["objects"]] == ["cup", "taxi"]
    assert [(each["name"], each["reason"]) for each in manifest["left_out"]] == [("van", "masklets_of_other_classes")]
    written_coco = json.loads(archive.read("annotations/instances_train.json"))
    assert [(each["id"], each["name"]) for each in written_coco["categories"]] == [(2, "Car"), (4, "object")]
    assert {each["category_id"] for each in written_coco["annotations"]} == {2, 4}
    unknown = [str(uuid4()), str(uuid4())]
    answer = await ask(annotator, classes=[of_classes["Car"], *unknown])
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:maskloom:problem:unknown-class")
    assert answer.json()["detail"] == f"There is no class {unknown[0]}, {unknown[1]}."


async def test_an_ontology_that_changes_meanwhile_begins_the_dataset_anew(
    annotator: Annotator, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = annotator.video.project_id
    made = (await replace_ontology(annotator.client, project, VEHICLES, 0)).json()["ontology"]
    second = await another_video(annotator, sessions, name="second.mp4")
    for place in (annotator, second):
        await place.draw(await place.create_masklet(class_id=ids(made)["Bus"]), 4, disk(100, 100, 9))
    changes = [{**made, "classes": made["classes"][1:2] + made["classes"][2:] + made["classes"][:1]}]
    read = queries.video_values

    async def changed_meanwhile(session: AsyncSession, video_id: UUID) -> dict[str, Any]:
        """While the first video is read, somebody gives the classes another order."""
        if changes and video_id == annotator.video.video_id:
            answer = await replace_ontology(annotator.client, project, changes.pop(), 1)
            assert answer.is_success, answer.text
        return await read(session, video_id)

    monkeypatch.setattr(queries, "video_values", changed_meanwhile)
    _export, content = await dataset(annotator, format="coco", frames="none")
    archive, manifest = opened(content)
    assert not changes
    assert [each["name"] for each in manifest["ontology"]["classes"]] == ["Car", "Bus", "Vehicle"]
    assert len(manifest["videos"]) == 2
    found = json.loads(archive.read("annotations/instances_train.json"))
    assert [each["category_id"] for each in found["annotations"]] == [2, 2]
    again = (await dataset(annotator, format="coco", frames="none"))[1]
    assert again == content, "as if it had never changed"

    async def changed_always(session: AsyncSession, video_id: UUID) -> dict[str, Any]:
        await session.execute(update(StoredOntology).values(version=StoredOntology.version + 1))
        await session.commit()
        return await read(session, video_id)

    monkeypatch.setattr(queries, "video_values", changed_always)
    failed = await written(annotator, format="coco", frames="none")
    assert failed["problem"]["type"] == "urn:maskloom:problem:ontology-conflict"


async def test_frames_are_pictures_the_video_or_none(annotator: Annotator) -> None:
    cup = await annotator.create_masklet()
    await annotator.draw(cup, 4, disk(100, 100, 30))
    proxy = (await annotator.client.get(f"/api/videos/{annotator.video.video_id}/proxy.mp4")).content
    with av.open(io.BytesIO(proxy), "r") as container:
        decoded = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    found: dict[str, list[str]] = {}
    for frames in ("png", "video", "none"):
        export, content = await dataset(annotator, format="coco", frames=frames)
        archive, manifest = opened(content)
        assert (export["frames"], manifest["settings"]["frames"]) == (frames, frames)
        found[frames] = [name for name in archive.namelist() if not name.endswith(".json")]
        for name in found["png"]:
            if frames == "png":
                with Image.open(io.BytesIO(archive.read(name))) as picture:
                    assert np.array_equal(np.array(picture), decoded[int(Path(name).stem)])
        images = json.loads(archive.read("annotations/instances_train.json"))["images"]
        suffix = ".png" if frames == "png" else ".jpg"
        assert {Path(image["file_name"]).suffix for image in images} == {suffix}
        if frames == "video":
            (name,) = found[frames]
            assert archive.read(name) == proxy
    assert (len(found["png"]), found["none"]) == (10, [])


async def test_objects_that_are_never_visible_are_kept_if_asked(annotator: Annotator) -> None:
    seen, empty, between = [await annotator.create_masklet(name=name) for name in ("seen", "empty", "between")]
    await annotator.draw(seen, 4, disk(100, 100, 30))
    await annotator.draw(empty, 4, disk(0, 0, 0), tool="absent")
    await annotator.draw(between, 5, disk(100, 100, 30))
    _export, content = await dataset(annotator, empty_objects=True)
    _archive, manifest = opened(content)
    objects = {each["name"]: each for each in manifest["videos"][0]["objects"]}
    assert {name: (each["first_frame"], each["num_masks"]) for name, each in objects.items()} == {
        "seen": (4, 1),
        "empty": (None, 0),
    }
    assert [each["reason"] for each in manifest["left_out"]] == ["masklets_visible_only_between_annotated_frames"]


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_takes_an_object_that_is_never_visible(name: str, tmp_path: Path) -> None:
    (tmp_path / "proxy.mp4").write_bytes(b"video")
    empty, seen = masklet(1, {0: np.zeros((4, 4), bool)}), masklet(2, {2: np.eye(4, dtype=bool)})
    with written_dataset(name, [video([empty, seen], (4, 4), proxy=tmp_path / "proxy.mp4")]) as (folder, manifest):
        (entry,) = manifest["videos"]
        assert [(each["first_frame"], each["last_frame"]) for each in entry["objects"]] == [(None, None), (2, 2)]
        if name in READERS:
            masks = READERS[name](folder)[entry["id"]]
            assert {key: list(frames) for key, frames in masks.items() if frames} == {entry["objects"][1]["id"]: [2]}


async def test_what_cannot_be_chosen_is_refused_with_the_reason(annotator: Annotator) -> None:
    answer = await ask(annotator, format="sa_v", frames="png")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:maskloom:problem:frames-not-held")
    assert answer.json()["detail"] == "SA-V (SAM 2) holds frames as: video, none."
    answer = await ask(annotator, video_ids=[str(annotator.video.video_id), str(uuid4())])
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:maskloom:problem:unknown-videos-chosen")
    bad: list[dict[str, Any]] = [
        {"video_ids": []},
        {"splits": []},
        {"origins": []},
        {"origins": ["robot"]},
        {"classes": []},
        {"overlaps": "mix"},
    ]
    for nothing in bad:
        assert (await ask(annotator, **nothing)).status_code == 422


async def test_an_export_that_was_to_be_refused_names_the_objects_that_overlap(annotator: Annotator) -> None:
    cup, lid = [await annotator.create_masklet(name=name) for name in ("cup", "lid")]
    for key, x in ((cup, 100), (lid, 120)):
        await annotator.draw(key, 8, disk(x, 100, 20))
    shared = int((disk(100, 100, 20) & disk(120, 100, 20)).sum())
    failed = await written(annotator, format="davis", overlaps="refuse")
    assert failed["problem"]["type"] == "urn:maskloom:problem:overlapping-objects"
    assert failed["problem"]["detail"] == (
        f"clip.mp4, frame 8: cup (object 1) and lid (object 2) share {shared} pixels."
    )
    _export, content = await dataset(annotator, format="coco", overlaps="refuse")
    assert opened(content)[1]["settings"]["overlaps"] is None, "it holds them all"


async def test_an_export_says_when_its_file_expires_and_the_trail_how_many_videos_were_chosen(
    annotator: Annotator, sessions: Sessions, work_settings: Settings
) -> None:
    cup = await annotator.create_masklet()
    await annotator.draw(cup, 8, disk(100, 100, 20))
    export = await written(annotator, video_ids=[str(annotator.video.video_id)])
    made, ends = (datetime.fromisoformat(export[name]) for name in ("created_at", "expires_at"))
    assert ends - made == timedelta(days=work_settings.export_days)
    async with sessions.begin() as session:
        asked = select(AuditEntry.details).where(AuditEntry.action == "export.asked")
        (details,) = (await session.scalars(asked)).all()
    assert (details["video_ids"], details["num_chosen_videos"]) == (None, 1)


def rank(one: ExportedMasklet, frame: int, overlaps: Overlaps) -> tuple[int, int]:
    """The higher is on top."""
    if overlaps is Overlaps.smaller_on_top:
        return -one.masks[frame].area, one.number
    return (0, -one.number if overlaps is Overlaps.earlier_on_top else one.number)


@pytest.mark.parametrize("overlaps", [Overlaps.earlier_on_top, Overlaps.smaller_on_top])
@settings(max_examples=20, deadline=None)
@given(exported=videos())
def test_a_palette_shows_the_object_that_was_to_be_on_top(overlaps: Overlaps, exported: list[ExportedVideo]) -> None:
    asked = [replace(each, overlaps=overlaps) for each in exported]
    with written_dataset("davis", asked) as (folder, manifest):
        read = READERS["davis"](folder)
        for each, entry in zip(asked, manifest["videos"], strict=True):
            expected, held = truth(each), {found["uuid"]: found for found in entry["objects"]}
            for one in each.masklets:
                found, lost = held[str(one.id)], 0
                for frame, mask in expected[one.id].items():
                    above = np.zeros(mask.shape, bool)
                    for other in each.masklets:
                        if frame in expected[other.id] and rank(other, frame, overlaps) > rank(one, frame, overlaps):
                            above |= expected[other.id][frame]
                    lost += int((mask & above).sum())
                    got = read[entry["id"]].get(found["id"], {}).get(frame, np.zeros(mask.shape, bool))
                    assert np.array_equal(got, mask & ~above)
                assert found.get("lost", {"num_pixels": 0})["num_pixels"] == lost


@pytest.mark.parametrize("name", sorted(PALETTES))
def test_objects_side_by_side_are_not_refused_and_those_that_share_a_pixel_are(name: str) -> None:
    left = np.zeros((2, 4), bool)
    left[:, :2] = True

    def export(masks: Iterable[np.ndarray]) -> int:
        objects = [masklet(at + 1, {0: mask}) for at, mask in enumerate(masks)]
        with written_dataset(name, [video(objects, (2, 4), overlaps=Overlaps.refuse)]) as (_folder, manifest):
            return int(manifest["report"]["num_masks"])

    assert export([left, ~left]) == 2
    with pytest.raises(OverlappingObjects, match="share 4 pixels"):
        export([left, np.ones((2, 4), bool)])
