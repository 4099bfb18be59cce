"""An upload arrives whole or not at all."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from backend.outage import DiskFull
from backend.settings import Settings
from backend.storage.live_folder import files_in
from backend.videos.uploads import Announced, received
from tests.backend.running import RunningBackend, running_backend
from tests.backend.videos.uploading import make_project, upload
from tests.clips import write_clip
from tests.small_disk import small_disk


async def _slow_body(pieces: int) -> AsyncIterator[bytes]:
    for _ in range(pieces):
        yield b"x" * 65536
        await asyncio.sleep(0.01)


def _files(folder: Path) -> list[str]:
    return [str(path) for path in files_in(folder)]


async def test_a_broken_connection_leaves_nothing_behind(backend: RunningBackend) -> None:
    project = await make_project(backend)
    url = f"/api/projects/{project}/videos?filename=a.mp4"
    with pytest.raises((httpx.HTTPError, TimeoutError)):
        async with asyncio.timeout(0.5):
            await backend.client.post(url, content=_slow_body(10_000), headers={"Content-Length": str(10_000 * 65536)})
    for _attempt in range(60):
        if not _files(backend.settings.data_dir):
            break
        await asyncio.sleep(0.05)
    assert _files(backend.settings.data_dir) == []
    assert (await backend.client.get(f"/api/projects/{project}/videos")).json() == []


async def test_a_length_must_be_announced(backend: RunningBackend) -> None:
    project = await make_project(backend)
    url = f"/api/projects/{project}/videos?filename=a.mp4"
    answer = await backend.client.post(url, content=_slow_body(1))
    assert answer.status_code == 411


async def test_a_file_above_the_cap_is_refused(database_url: str, data_dir: Path) -> None:
    settings = Settings(database_url=database_url, data_dir=data_dir, max_upload_bytes=1000)
    async with running_backend(settings) as backend:
        project = await make_project(backend)
        answer = await backend.client.post(f"/api/projects/{project}/videos?filename=a.mp4", content=b"x" * 1001)
    assert answer.status_code == 413
    assert answer.json()["type"].endswith(":body-too-large")


async def test_sending_an_upload_again_does_not_make_a_second_video(backend: RunningBackend, tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", "constant", 12)
    project = await make_project(backend)
    url = f"/api/projects/{project}/videos?filename=a.mp4"
    headers = {"Idempotency-Key": str(uuid4())}
    content = (tmp_path / "clip.mp4").read_bytes()
    first = await backend.client.post(url, content=content, headers=headers)
    second = await backend.client.post(url, content=content, headers=headers)
    assert first.json()["id"] == second.json()["id"] == headers["Idempotency-Key"]
    assert len((await backend.client.get(f"/api/projects/{project}/videos")).json()) == 1


async def test_an_upload_to_no_project_is_refused(backend: RunningBackend) -> None:
    answer = await backend.client.post(f"/api/projects/{uuid4()}/videos?filename=a.mp4", content=b"x")
    assert answer.status_code == 404


async def test_labels_can_be_set_and_taken_away(backend: RunningBackend, tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", "constant", 12)
    project = await make_project(backend)
    url = f"/api/projects/{project}/videos?filename=a.mp4"
    video = (await backend.client.post(url, content=(tmp_path / "clip.mp4").read_bytes())).json()
    labelled = await backend.client.patch(
        f"/api/videos/{video['id']}", json={"environment": "indoor", "split": "train"}
    )
    assert (labelled.json()["environment"], labelled.json()["split"]) == ("indoor", "train")
    cleared = await backend.client.patch(f"/api/videos/{video['id']}", json={"environment": ""})
    assert (cleared.json()["environment"], cleared.json()["split"]) == (None, "train")


async def test_the_same_file_again_is_taken_and_said_to_be_the_same(backend: RunningBackend, tmp_path: Path) -> None:
    project, other = await make_project(backend), await make_project(backend)
    write_clip(tmp_path / "first.mp4", "constant", 5)
    write_clip(tmp_path / "longer.mp4", "constant", 6)
    first = await upload(backend, tmp_path / "first.mp4", project=project)
    again = await upload(backend, tmp_path / "first.mp4", name="again.mp4", project=project)
    assert (first["same_file_as"], again["same_file_as"]) == (None, {"id": first["id"], "name": "first.mp4"})
    for path, where in ((tmp_path / "longer.mp4", project), (tmp_path / "first.mp4", other)):
        assert (await upload(backend, path, project=where))["same_file_as"] is None
    await backend.client.delete(f"/api/videos/{first['id']}")
    assert (await backend.client.get(f"/api/videos/{again['id']}")).json()["same_file_as"] is None


async def test_a_file_that_would_fill_the_disk_is_refused_before_it_arrives(tmp_path: Path) -> None:
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("its bytes were asked for")
        yield b""

    staging = tmp_path / "staging" / "upload-1"
    announced = Announced(uuid4(), uuid4(), "huge.mp4", num_bytes=10**16, staging=staging)
    with pytest.raises(DiskFull):
        async with received(never(), announced):
            pass
    assert not staging.exists()


async def test_uploads_that_come_together_leave_the_room_that_peoples_edits_need(tmp_path: Path) -> None:
    """Each alone would fit, and was told so before the others had arrived."""
    num_bytes, piece = 90 * 1024**2, b"x" * 1024**2
    least: list[int] = []

    with small_disk(tmp_path / "disk", num_bytes=200 * 1024**2) as disk:

        async def content() -> AsyncIterator[bytes]:
            for _ in range(num_bytes // len(piece)):
                least.append(disk.free_bytes)
                yield piece
                await asyncio.sleep(0)

        async def arrive(number: int) -> str:
            announced = Announced(uuid4(), uuid4(), "a.mp4", num_bytes, disk.folder / "staging" / f"upload-{number}")
            try:
                async with received(content(), announced):
                    await asyncio.sleep(0.5)
                    return "arrived"
            except DiskFull:
                return "refused"

        outcomes = await asyncio.gather(*(arrive(number) for number in range(3)))
    assert sorted(outcomes) == ["arrived", "arrived", "refused"]
    assert min(least) > 5 * 1024**2
