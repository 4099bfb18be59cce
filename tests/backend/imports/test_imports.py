"""An import from the upload to the objects in the workspace, and back."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from sqlalchemy import func, select, update

from backend.db.engine import Sessions
from backend.settings import Settings
from backend.storage.live_folder import files_in
from backend.tables import Action, AuditEntry, FrameMask, ImportedDataset, Masklet, Task, Video
from tests.backend.datasets.test_export import dataset
from tests.backend.imports.importing import (
    copy_of_project,
    imported,
    previewed,
    started,
    stored_objects,
    until,
    upload,
)
from tests.backend.imports.reading import rle
from tests.backend.imports.test_round_trip import READ_AS
from tests.backend.workplace import WAIT_SECONDS, Annotator, click, disk

GRID = range(0, 40, 4)
LOSSLESS = ("sa_v", "sa_v_val", "youtube_vis", "coco", "cvat", "object_masks")


async def annotate(annotator: Annotator) -> None:
    """One object on every annotated frame but one, and two that overlap and are absent or unknown elsewhere."""
    cup = await annotator.create_masklet(name="Tasse ☕")
    for frame in GRID:
        if frame != 20:
            await annotator.draw(cup, frame, disk(100 + frame, 100, 30))
    gone = await annotator.create_masklet(name="gone")
    await annotator.draw(gone, 4, disk(50, 50, 10))
    await annotator.delete(gone)
    lid = await annotator.create_masklet(name="lid")
    await annotator.draw(lid, 8, disk(120, 100, 20))
    await annotator.draw(lid, 12, disk(0, 0, 0), tool="absent")


def vis(masks: dict[int, np.ndarray], *, names: list[str] | None = None, num_frames: int = 40) -> bytes:
    """A YouTube-VIS document with one object in a clip called `clip`."""
    names = names or [f"clip/{frame:05d}.jpg" for frame in range(num_frames)]
    segmentations: list[Any] = [rle(masks[frame]) if frame in masks else None for frame in range(len(names))]
    return json.dumps(
        {
            "videos": [{"id": 1, "file_names": names, "width": 320, "height": 240, "length": len(names)}],
            "categories": [{"id": 1, "name": "cup"}],
            "annotations": [{"id": 7, "video_id": 1, "category_id": 1, "segmentations": segmentations}],
        }
    ).encode()


@pytest.fixture
async def copy(annotator: Annotator, sessions: Sessions) -> Annotator:
    """The same person in another project with the same clip."""
    return Annotator(annotator.client, await copy_of_project(sessions, annotator.video))


async def test_a_project_that_was_exported_is_the_same_project_once_it_is_imported(
    annotator: Annotator, sessions: Sessions
) -> None:
    await annotate(annotator)
    truth = await stored_objects(sessions, annotator.video.video_id)
    assert sorted(truth) == [1, 3]
    for name in LOSSLESS:
        _export, content = await dataset(annotator, format=name)
        copy = Annotator(annotator.client, await copy_of_project(sessions, annotator.video))
        done = await imported(copy, content)
        assert (done["format"], done["num_made"]) == (READ_AS.get(name, name), 2)
        assert await stored_objects(sessions, copy.video.video_id) == truth, name


async def test_the_preview_says_what_is_meant_before_anything_is_made(annotator: Annotator, sessions: Sessions) -> None:
    await annotate(annotator)
    _export, content = await dataset(annotator, format="youtube_vis")
    video = await copy_of_project(sessions, annotator.video)
    found = await previewed(annotator.client, video.project_id, content)
    assert (found["state"], found["num_videos"], found["num_objects"]) == ("ready", 1, 2)
    (match,) = found["videos"]
    assert (match["name"], match["video_id"], match["matched_by"]) == ("clip.mp4", str(video.video_id), "name")
    assert (match["objects"], match["num_frames"], match["fault"]) == (["Tasse ☕", "lid"], 10, None)
    assert await stored_objects(sessions, video.video_id) == {}


async def test_a_video_is_matched_by_its_uuid_before_its_name_and_two_of_a_name_by_their_frames(
    annotator: Annotator, sessions: Sessions
) -> None:
    await annotate(annotator)
    _export, content = await dataset(annotator, format="davis")
    async with sessions.begin() as session:
        await session.execute(update(Video).where(Video.id == annotator.video.video_id).values(name="renamed.mp4"))
    found = await previewed(annotator.client, annotator.video.project_id, content)
    assert [(each["matched_by"], each["num_objects_here"]) for each in found["videos"]] == [("uuid", 2)]
    copy = await copy_of_project(sessions, annotator.video, name="clip.mp4")
    async with sessions.begin() as session:
        video = await session.get_one(Video, copy.video_id)
        columns = {column.name: getattr(video, column.name) for column in Video.__table__.columns}
        session.add(Video(**columns | {"id": uuid4(), "num_frames": 39, "seq": 0}))
    found = await previewed(annotator.client, copy.project_id, content)
    assert [each["video_id"] for each in found["videos"]] == [str(copy.video_id)]


async def test_a_person_may_say_which_video_is_meant_or_that_none_is(
    annotator: Annotator, copy: Annotator, sessions: Sessions
) -> None:
    async with sessions.begin() as session:
        await session.execute(update(Video).where(Video.id == copy.video.video_id).values(name="other.mp4"))
    found = await previewed(copy.client, copy.video.project_id, vis({0: disk(50, 50, 9)}), name="a.json")
    assert found["videos"][0]["fault"] == "no video here is called so"
    refused = await copy.client.post(f"/api/imports/{found['id']}/start", json={})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:maskloom:problem:nothing-to-import")
    for video_id, status in ((annotator.video.video_id, 422), (copy.video.video_id, 200), (None, 200)):
        body = {"key": "1", "video_id": video_id and str(video_id)}
        answer = await copy.client.put(f"/api/imports/{found['id']}/match", json=body)
        assert answer.status_code == status
    assert answer.json()["videos"][0]["fault"] == "you left it out"
    body = {"key": "1", "video_id": str(copy.video.video_id)}
    answer = await copy.client.put(f"/api/imports/{found['id']}/match", json=body)
    assert (answer.json()["videos"][0]["matched_by"], answer.json()["videos"][0]["fault"]) == ("person", None)
    done = await started(copy.client, found["id"])
    assert done["state"] == "done"
    assert [name for name, *_ in (await stored_objects(sessions, copy.video.video_id)).values()] == ["cup 1"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"num_frames": 39}, "it has a frame 39 there and only 39 frames here"),
        ({"width": 640}, "its masks are 320 x 240 pixels, and clip.mp4 is 640 x 240"),
    ],
)
async def test_masks_of_another_size_or_number_of_frames_are_left_out_and_said(
    annotator: Annotator, sessions: Sessions, changes: dict[str, int], words: str
) -> None:
    video = await copy_of_project(sessions, annotator.video, **changes)
    found = await previewed(annotator.client, video.project_id, vis({0: disk(50, 50, 9)}), name="a.json")
    assert found["videos"][0]["fault"] == words


async def test_imported_masks_are_corrected_propagated_from_verified_and_say_where_they_come_from(
    copy: Annotator, sessions: Sessions
) -> None:
    content = vis({frame: disk(60 + frame, 60, 12) for frame in (0, 8)}, num_frames=40)
    names = [f"clip/{frame:05d}.jpg" for frame in GRID]
    content = json.loads(content)
    content["videos"][0] |= {"file_names": names, "length": len(names)}
    kept = content["annotations"][0]["segmentations"]
    content["annotations"][0]["segmentations"] = [kept[0], kept[8], *[None] * 8]
    done = await imported(copy, json.dumps(content).encode(), name="teams.json", then="verify")
    (masklet,) = [each["id"] for each in (await copy.changes())["masklets"]]
    frames = await copy.frames(masklet)
    assert sorted(frames) == list(GRID)
    assert {frame["mask"]["source"] for frame in frames.values()} == {"imported"}
    async with sessions.begin() as session:
        action = await session.scalar(select(Action).where(Action.masklet_id == UUID(masklet)))
        tasks = (await session.scalars(select(Task.kind).where(Task.masklet_id == UUID(masklet)))).all()
    assert action is not None
    told = action.request["body"]
    assert (told["tool"], told["file"], told["format"], told["import"]) == (
        ("import", "teams.json", "youtube_vis", done["id"])
    )
    assert tasks == ["verify"]
    assert (await copy.changes())["history"]["undo"] is None, "it is no step of anybody's"
    assert (await copy.prompt(masklet, 8, click(68, 60))).status_code == 200
    assert (await copy.propagate([masklet], 8))["state"] == "done"
    frames = await copy.frames(masklet)
    assert len(frames) == 40
    assert {frame: frames[frame]["mask"]["source"] for frame in (0, 1, 4, 8)} == {
        0: "imported", 1: "propagated", 4: "imported", 8: "prompted"
    }  # fmt: skip
    assert (await copy.verdict(masklet, "satisfactory")).is_success


async def test_undo_takes_the_whole_import_back_but_what_somebody_worked_on(
    annotator: Annotator, copy: Annotator, sessions: Sessions
) -> None:
    await annotate(annotator)
    before = await stored_objects(sessions, annotator.video.video_id)
    _export, content = await dataset(annotator, format="object_masks")
    first, second = await imported(copy, content), await imported(copy, content)
    assert sorted(await stored_objects(sessions, copy.video.video_id)) == [1, 3, 4, 5]
    undone = (await copy.client.post(f"/api/imports/{first['id']}/undo")).json()
    assert (undone["state"], undone["num_kept"]) == ("undone", 0)
    assert sorted(await stored_objects(sessions, copy.video.video_id)) == [4, 5]
    masklets = {each["number"]: each["id"] for each in (await copy.changes())["masklets"]}
    await copy.draw(masklets[5], 16, disk(20, 20, 5))
    undone = (await copy.client.post(f"/api/imports/{second['id']}/undo")).json()
    assert undone["num_kept"] == 1
    again = (await copy.client.post(f"/api/imports/{second['id']}/undo")).json()
    assert again == undone
    assert sorted(await stored_objects(sessions, copy.video.video_id)) == [5]
    assert (await copy.client.delete(f"/api/imports/{second['id']}")).status_code == 409
    assert await stored_objects(sessions, annotator.video.video_id) == before


async def test_an_import_is_nobodys_annotation(annotator: Annotator, copy: Annotator, sessions: Sessions) -> None:
    await annotate(annotator)
    _export, content = await dataset(annotator, format="sa_v")
    await imported(copy, content)
    timing = (await copy.client.get(f"/api/videos/{copy.video.video_id}/timing")).json()
    counted = [(each["annotated_frames"], each["edited_frames"], each["clicks"]) for each in timing["masklets"]]
    assert counted == [(0, 0, 0)] * 2
    table = (await copy.client.get(f"/api/projects/{copy.video.project_id}/insights")).json()["phase_table"]
    assert {row["num_masklets"] for row in table} == {0}
    choices = (await copy.client.get(f"/api/projects/{copy.video.project_id}/study-choices")).json()
    assert choices["objects"] == []
    export, _content = await dataset(copy, format="object_masks")
    assert export["num_masklets"] == 2


async def test_nothing_stays_of_an_import_that_failed_or_was_stopped(
    copy: Annotator, sessions: Sessions, work_settings: Settings
) -> None:
    objects = work_settings.objects_dir / "i"
    content = vis({0: disk(50, 50, 9)})
    broken = content.replace(b'"counts": "', b'"counts": "~')
    found = await previewed(copy.client, copy.video.project_id, broken, name="a.json")
    assert (found["state"], found["problem"]["type"]) == ("failed", "urn:maskloom:problem:unreadable-dataset")
    assert found["problem"]["detail"].startswith("a.json, annotation 7, segmentations[0]: ")
    stopped = await previewed(copy.client, copy.video.project_id, content, name="a.json")
    for each in (found, stopped):
        assert (await copy.client.delete(f"/api/imports/{each['id']}")).status_code == 204
        assert (await copy.client.get(f"/api/imports/{each['id']}")).status_code == 404
    assert (await copy.client.get(f"/api/projects/{copy.video.project_id}/imports")).json() == []
    async with sessions.begin() as session:
        assert await session.scalar(select(func.count()).select_from(Masklet)) == 0
    for _ in range(WAIT_SECONDS * 10):
        if not any(files_in(objects)):
            break
        await asyncio.sleep(0.1)
    assert not any(files_in(objects))
    async with sessions.begin() as session:
        trail = (await session.scalars(select(AuditEntry.action))).all()
    assert sorted(entry for entry in trail if entry.startswith("import")) == [
        "import.asked", "import.asked", "import.deleted", "import.deleted"
    ]  # fmt: skip


async def test_a_video_that_vanishes_leaves_nothing_of_the_import_behind(
    annotator: Annotator, copy: Annotator, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All or nothing: the second of two videos is gone when its turn comes."""
    other = await _second_video(sessions, copy)
    one = json.loads(vis({0: disk(50, 50, 9)}))
    two = json.loads(vis({0: disk(50, 50, 9)}, names=[f"second/{frame:05d}.jpg" for frame in range(40)]))
    two["videos"][0]["id"] = two["annotations"][0]["video_id"] = 2
    two["annotations"][0]["id"] = 8
    both = {key: one[key] + two[key] for key in one}
    found = await previewed(copy.client, copy.video.project_id, json.dumps(both).encode(), name="both.json")
    assert [each["fault"] for each in found["videos"]] == [None, None]
    monkeypatch.setattr("backend.imports.imported_masklets.lock_video", _gone_after_the_first())
    ended = await started(copy.client, found["id"])
    assert (ended["state"], ended["problem"]["type"]) == ("ready", "urn:maskloom:problem:video-not-found")
    for video_id in (copy.video.video_id, other):
        assert await stored_objects(sessions, video_id) == {}
    async with sessions.begin() as session:
        assert await session.scalar(select(func.count()).select_from(FrameMask)) == 0
    monkeypatch.undo()
    assert (await started(copy.client, found["id"]))["num_made"] == 2


def _gone_after_the_first() -> Any:
    from backend.masklets.edit_rules import lock_video
    from backend.videos.problems import VideoNotFound

    asked: list[Any] = []

    async def lock(session: Any, video_id: UUID, *, ready: bool = False) -> Any:
        asked.append(video_id)
        if len(asked) > 1:
            raise VideoNotFound
        return await lock_video(session, video_id, ready=ready)

    return lock


async def _second_video(sessions: Sessions, copy: Annotator) -> UUID:
    async with sessions.begin() as session:
        video = await session.get_one(Video, copy.video.video_id)
        columns = {column.name: getattr(video, column.name) for column in Video.__table__.columns}
        added = Video(**columns | {"id": uuid4(), "name": "second.mp4", "seq": 0})
        session.add(added)
    return added.id


async def test_an_import_that_is_stopped_while_it_is_written_leaves_nothing_behind(
    copy: Annotator, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await previewed(copy.client, copy.video.project_id, vis({0: disk(50, 50, 9)}), name="a.json")
    written, stopped = asyncio.Event(), asyncio.Event()

    async def wait(self: Any, _video: str) -> None:
        """Its objects are in the transaction by now."""
        written.set()
        await stopped.wait()

    monkeypatch.setattr("backend.imports.job._ObjectCount.step", wait)
    assert (await copy.client.post(f"/api/imports/{found['id']}/start", json={})).status_code == 202
    await asyncio.wait_for(written.wait(), WAIT_SECONDS)
    assert (await copy.client.delete(f"/api/imports/{found['id']}")).status_code == 204
    stopped.set()
    for _ in range(WAIT_SECONDS * 10):
        if (await copy.client.get(f"/api/imports/{found['id']}")).status_code == 404:
            break
        await asyncio.sleep(0.1)
    assert (await copy.client.get(f"/api/imports/{found['id']}")).status_code == 404
    async with sessions.begin() as session:
        assert await session.scalar(select(func.count()).select_from(Masklet)) == 0
        assert await session.scalar(select(func.count()).select_from(FrameMask)) == 0
        assert await session.scalar(select(func.count()).select_from(ImportedDataset)) == 0


async def test_the_same_upload_again_is_the_same_import(copy: Annotator) -> None:
    key, content = uuid4(), vis({0: disk(50, 50, 9)})
    one = await upload(copy.client, copy.video.project_id, content, name="a.json", key=key)
    other = await upload(copy.client, copy.video.project_id, content, name="a.json", key=key)
    assert one.json()["id"] == other.json()["id"] == str(key)
    await until(copy.client, str(key), "ready")
    assert len((await copy.client.get(f"/api/projects/{copy.video.project_id}/imports")).json()) == 1
