"""A dataset, from the request to the zip, against what the database holds."""

import asyncio
import hashlib
import io
import json
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from pycocotools import mask as coco
from sqlalchemy import func, select, update

from backend.datasets.formats.registry import FORMATS
from backend.datasets.queries import stored_files
from backend.datasets.service import expire_exports
from backend.db.engine import Sessions
from backend.settings import Settings
from backend.storage.live_folder import files_in
from backend.tables import Export, FrameMask, FrameState, Video
from backend.tables.states import VideoState
from tests.backend.workplace import WAIT_SECONDS, Annotator, click, disk, encoded


async def ask(annotator: Annotator, *, key: UUID | None = None, **body: Any) -> httpx.Response:
    return await annotator.client.post(
        f"/api/projects/{annotator.video.project_id}/exports",
        json={"format": "sa_v", "only_satisfactory": False} | body,
        headers={"Idempotency-Key": str(key or uuid4())},
    )


async def written(annotator: Annotator, **body: Any) -> dict[str, Any]:
    answer = await ask(annotator, **body)
    assert answer.status_code == 202, answer.text
    for _ in range(WAIT_SECONDS * 10):
        export = (await annotator.client.get(f"/api/exports/{answer.json()['id']}")).json()
        if export["state"] in ("done", "failed"):
            return dict(export)
        await asyncio.sleep(0.1)
    raise AssertionError(f"waited in vain: {export}")


async def dataset(annotator: Annotator, **body: Any) -> tuple[dict[str, Any], bytes]:
    export = await written(annotator, **body)
    assert export["state"] == "done", export
    download = await annotator.client.get(export["download_url"])
    assert download.status_code == 200
    assert download.headers["content-type"] == "application/zip"
    assert len(download.content) == export["size_bytes"]
    return export, download.content


async def annotate(annotator: Annotator) -> tuple[str, str]:
    """One masklet on every frame, one drawn on two frames and absent on a third."""
    tracked = await annotator.create_masklet()
    await annotator.prompt(tracked, 20, click(120, 150))
    assert (await annotator.propagate([tracked], 20))["state"] == "done"
    drawn = await annotator.create_masklet()
    await annotator.draw(drawn, 4, disk(100, 100, 30))
    await annotator.draw(drawn, 8, disk(110, 100, 30))
    await annotator.draw(drawn, 12, disk(0, 0, 0), tool="absent")
    return tracked, drawn


async def test_the_dataset_equals_the_database_bit_for_bit(annotator: Annotator, sessions: Sessions) -> None:
    masklets = await annotate(annotator)
    export, content = await dataset(annotator)
    archive = zipfile.ZipFile(io.BytesIO(content))
    name = f"mkl_{annotator.video.video_id.hex[:12]}"
    assert archive.namelist() == [f"{name}.mp4", f"{name}_manual.json", "manifest.json"]
    annotation = json.loads(archive.read(f"{name}_manual.json"))
    assert len(annotation["masklet"]) == 10
    async with sessions.begin() as session:
        current = select(FrameState.masklet_id, FrameState.frame_index, FrameMask.counts).join(
            FrameMask, (FrameMask.masklet_id == FrameState.masklet_id) & (FrameMask.id == FrameState.mask_id)
        )
        stored = {(str(masklet), frame): counts.decode() for masklet, frame, counts in await session.execute(current)}
    nothing = encoded(disk(0, 0, 0))["counts"]
    for index, row in enumerate(annotation["masklet"]):
        for masklet, rle in zip(masklets, row, strict=True):
            assert coco.decode(rle).shape == (240, 320)
            assert rle["counts"] == stored.get((masklet, 4 * index), nothing)
    proxy = (await annotator.client.get(f"/api/videos/{annotator.video.video_id}/proxy.mp4")).content
    assert archive.read(f"{name}.mp4") == proxy
    assert export["report"]["num_masklets"] == 2
    assert (export["report"]["num_absent"], export["report"]["num_unknown"]) == (1 + absent(annotation), 7)


def absent(annotation: dict[str, Any]) -> int:
    """Annotated frames on which the tracked masklet is known to be absent."""
    return sum(coco.area(row[0]) == 0 for row in annotation["masklet"])


async def test_the_manifest_names_every_file_with_its_digest_and_the_model(annotator: Annotator) -> None:
    await annotate(annotator)
    _export, content = await dataset(annotator)
    archive = zipfile.ZipFile(io.BytesIO(content))
    manifest = json.loads(archive.read("manifest.json"))
    for file in manifest["files"]:
        data = archive.read(file["path"])
        assert (file["bytes"], file["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert {file["path"] for file in manifest["files"]} == set(archive.namelist()) - {"manifest.json"}
    (model,) = manifest["models"]
    assert len(model["version"]) == 12
    assert model["name"] == "mini"


async def test_exporting_twice_gives_the_same_bytes(annotator: Annotator) -> None:
    await annotate(annotator)
    _one, first = await dataset(annotator)
    _other, second = await dataset(annotator)
    assert first == second


async def test_only_satisfactory_masklets_are_exported_when_asked_and_rejected_ones_never(annotator: Annotator) -> None:
    tracked, drawn = await annotate(annotator)
    await annotator.verdict(tracked, "satisfactory")
    export, _content = await dataset(annotator, only_satisfactory=True)
    assert export["num_masklets"] == 1
    assert export["report"]["left_out"] == {"unverified_masklets": 1}
    await annotator.verdict(drawn, "rejected")
    export, _content = await dataset(annotator)
    assert export["report"]["left_out"] == {"rejected_masklets": 1}


async def test_an_export_calls_what_was_sent_back_unsatisfactory_and_accounts_for_every_video(
    annotator: Annotator, sessions: Sessions
) -> None:
    tracked, drawn = await annotate(annotator)
    await annotator.verdict(tracked, "satisfactory")
    await annotator.verdict(drawn, "unsatisfactory")
    async with sessions.begin() as session:
        for state, reason in ((VideoState.failed, None), (VideoState.ready, "too dark"), (VideoState.ready, None)):
            of_project = await session.get_one(Video, annotator.video.video_id)
            copied = {column.name: getattr(of_project, column.name) for column in Video.__table__.columns}
            session.add(Video(**copied | {"id": uuid4(), "state": state, "rejected_reason": reason}))
    export, _content = await dataset(annotator, only_satisfactory=True)
    report = export["report"]
    assert (report["num_videos"], report["num_masklets"]) == (1, 1)
    assert report["left_out"] == {
        "rejected_videos": 1,
        "unsatisfactory_masklets": 1,
        "videos_not_ready": 1,
        "videos_without_masklets": 1,
    }


async def test_a_project_with_nothing_to_export_says_so(annotator: Annotator) -> None:
    export = await written(annotator)
    assert (export["state"], export["problem"]["type"]) == ("failed", "urn:maskloom:problem:nothing-to-export")
    assert export["download_url"] is None
    answer = await annotator.client.get(f"/api/exports/{export['id']}/download")
    assert answer.status_code == 409


async def test_the_same_request_again_is_the_same_export(annotator: Annotator) -> None:
    await annotate(annotator)
    key = uuid4()
    assert (await ask(annotator, key=key)).json()["id"] == (await ask(annotator, key=key)).json()["id"] == str(key)
    assert (await ask(annotator, key=key, only_satisfactory=True)).status_code == 409
    exports = (await annotator.client.get(f"/api/projects/{annotator.video.project_id}/exports")).json()
    assert [export["id"] for export in exports] == [str(key)]


async def test_an_unknown_format_is_refused(annotator: Annotator) -> None:
    answer = await ask(annotator, format="gif")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:maskloom:problem:unknown-format")
    formats = (await annotator.client.get("/api/export-formats")).json()
    assert [found["name"] for found in formats] == list(FORMATS)
    assert all(found["loses"].endswith(".") for found in formats)


async def test_a_deleted_export_is_gone_with_its_file(annotator: Annotator, work_settings: Settings) -> None:
    await annotate(annotator)
    export = await written(annotator)
    objects = work_settings.objects_dir / "e"
    assert len(list(files_in(objects))) == 1
    assert (await annotator.client.delete(f"/api/exports/{export['id']}")).status_code == 204
    for path in ("", "/download"):
        assert (await annotator.client.get(f"/api/exports/{export['id']}{path}")).status_code == 404
    for _ in range(WAIT_SECONDS * 10):
        if not any(files_in(objects)):
            break
        await asyncio.sleep(0.1)
    assert not any(files_in(objects))
    assert (await annotator.client.delete(f"/api/exports/{export['id']}")).status_code == 404


async def test_an_old_dataset_loses_its_file_and_keeps_its_report(annotator: Annotator, sessions: Sessions) -> None:
    await annotate(annotator)
    old, young = await written(annotator), await written(annotator, only_satisfactory=False)
    async with sessions.begin() as session:
        await session.execute(
            update(Export).where(Export.id == UUID(old["id"])).values(created_at=func.now() - timedelta(days=31))
        )
    await expire_exports(sessions, days=0)  # never
    assert not (await annotator.client.get(f"/api/exports/{old['id']}")).json()["expired"]
    await expire_exports(sessions, days=30)
    read = (await annotator.client.get(f"/api/exports/{old['id']}")).json()
    assert (read["expired"], read["state"], read["download_url"]) == (True, "done", None)
    assert read["report"] == old["report"]
    assert (await annotator.client.get(f"/api/exports/{old['id']}/download")).status_code == 410
    assert (await annotator.client.get(young["download_url"])).status_code == 200
    async with sessions.begin() as session:
        named = await stored_files(session, [UUID(old["id"]), UUID(young["id"])])
    assert named[UUID(old["id"])] == []
    assert len(named[UUID(young["id"])] or []) == 1
