"""Import a file through the API, as the browser does."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import select

from backend.db.engine import Sessions
from backend.tables import FrameMask, FrameState, Masklet, Project, Video
from tests.backend.workplace import WAIT_SECONDS, Annotator, StoredVideo


async def copy_of_project(sessions: Sessions, stored: StoredVideo, **changes: Any) -> StoredVideo:
    """Another project with the same clip and nothing annotated in it."""
    project = Project(id=uuid4(), name="Copy", stride=4, long_side=1920, phase="sam2", created_by=None)
    async with sessions.begin() as session:
        video = await session.get_one(Video, stored.video_id)
        columns = {column.name: getattr(video, column.name) for column in Video.__table__.columns}
        project.created_by = video.created_by
        session.add(project)
        await session.flush()
        copied = columns | {"id": uuid4(), "project_id": project.id, "seq": 0} | changes
        session.add(Video(**copied))
    return StoredVideo(project.id, copied["id"], stored.num_frames)


async def upload(
    client: httpx.AsyncClient, project_id: UUID, content: bytes, *, name: str = "dataset.zip", key: UUID | None = None
) -> httpx.Response:
    return await client.post(
        f"/api/projects/{project_id}/imports",
        params={"filename": name},
        content=content,
        headers={"Idempotency-Key": str(key or uuid4())},
    )


async def read_import(client: httpx.AsyncClient, import_id: str) -> dict[str, Any]:
    answer = await client.get(f"/api/imports/{import_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def until(client: httpx.AsyncClient, import_id: str, *states: str) -> dict[str, Any]:
    for _ in range(WAIT_SECONDS * 20):
        found = await read_import(client, import_id)
        if found["state"] in states:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"waited in vain: {found}")


async def previewed(
    client: httpx.AsyncClient, project_id: UUID, content: bytes, *, name: str = "dataset.zip"
) -> dict[str, Any]:
    """The import once it was read, or once it failed."""
    answer = await upload(client, project_id, content, name=name)
    assert answer.status_code == 202, answer.text
    return await until(client, answer.json()["id"], "ready", "failed")


async def started(client: httpx.AsyncClient, import_id: str, **body: Any) -> dict[str, Any]:
    """The import once it has ended."""
    answer = await client.post(f"/api/imports/{import_id}/start", json=body)
    assert answer.status_code == 202, answer.text
    return await until(client, import_id, "done", "ready", "failed")


async def imported(annotator: Annotator, content: bytes, *, name: str = "dataset.zip", **body: Any) -> dict[str, Any]:
    """Read, look and write."""
    found = await previewed(annotator.client, annotator.video.project_id, content, name=name)
    assert found["state"] == "ready", found
    done = await started(annotator.client, found["id"], **body)
    assert done["state"] == "done", done
    return done


Stored = dict[int, tuple[str, str, dict[int, bytes]]]
"""Objects by number: name, origin and the counts of their masks by frame."""


async def stored_objects(sessions: Sessions, video_id: UUID) -> Stored:
    """What a video holds now, without deleted objects."""
    current = (
        select(Masklet.number, Masklet.name, Masklet.origin, FrameState.frame_index, FrameMask.counts)
        .join(FrameState, FrameState.masklet_id == Masklet.id)
        .join(FrameMask, (FrameMask.masklet_id == Masklet.id) & (FrameMask.id == FrameState.mask_id))
        .where(Masklet.video_id == video_id, ~Masklet.deleted)
    )
    found: Stored = {}
    async with sessions.begin() as session:
        for number, name, origin, frame, counts in await session.execute(current):
            found.setdefault(number, (name, str(origin), {}))[2][frame] = counts
    return found
