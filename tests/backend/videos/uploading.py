"""Uploading over HTTP and waiting for what becomes of it, as a person does."""

import asyncio
import time
from pathlib import Path
from typing import Any

from tests.backend.running import RunningBackend

INGEST_SECONDS = 90


async def make_project(backend: RunningBackend, **fields: Any) -> str:
    made = await backend.client.post("/api/projects", json={"name": "P", **fields})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def upload(backend: RunningBackend, path: Path, *, name: str = "", project: str = "") -> dict[str, Any]:
    """The video as the upload answered it: still being ingested."""
    project = project or await make_project(backend)
    answer = await backend.client.post(
        f"/api/projects/{project}/videos", params={"filename": name or path.name}, content=path.read_bytes()
    )
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def wait_until_settled(backend: RunningBackend, video_id: str) -> dict[str, Any]:
    """The video once it is ready or failed."""
    deadline = time.monotonic() + INGEST_SECONDS
    while time.monotonic() < deadline:
        video = (await backend.client.get(f"/api/videos/{video_id}")).json()
        if video["state"] != "ingesting":
            return dict(video)
        await asyncio.sleep(0.1)
    raise AssertionError(f"not ingested after {INGEST_SECONDS} s: {video}")


async def ingest(backend: RunningBackend, path: Path, **options: Any) -> dict[str, Any]:
    """Upload and wait."""
    return await wait_until_settled(backend, (await upload(backend, path, **options))["id"])
