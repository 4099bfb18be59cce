"""An ingest survives the death of the process that runs it."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.backend.videos.killable import SECONDS, Killable
from tests.clips import write_clip
from tests.processes import is_over

NUM_FRAMES = 1_500  # so many that a busy machine is still at it when the test looks


@pytest.mark.long
async def test_an_ingest_whose_backend_is_killed_is_finished_by_the_next_one(
    database_url: str, data_dir: Path, tmp_path: Path
) -> None:
    write_clip(tmp_path / "long.mp4", "constant", NUM_FRAMES)
    backend = Killable(database_url, data_dir)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{backend.port}", timeout=30) as client:
        await backend.start(client)
        project = (await client.post("/api/projects", json={"name": "P"})).json()["id"]
        content = (tmp_path / "long.mp4").read_bytes()
        upload = await client.post(f"/api/projects/{project}/videos?filename=long.mp4", content=content)
        video = await _until(client, upload.json()["id"], lambda now: (now["job"]["done"] or 0) > 0)
        assert video["state"] == "ingesting"
        children = backend.kill()
        assert children, "no media program was running"
        psutil.wait_procs(children, timeout=5)
        assert [child for child in children if not is_over(child)] == []
        await backend.start(client)
        video = await _until(client, video["id"], lambda now: now["state"] != "ingesting")
        backend.kill()
    assert (video["state"], video["num_frames"], video["job"]["state"]) == ("ready", NUM_FRAMES, "done")
    assert list((data_dir / "staging").iterdir()) == []


async def _until(client: httpx.AsyncClient, video_id: str, holds: Any) -> dict[str, Any]:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        video: dict[str, Any] = (await client.get(f"/api/videos/{video_id}")).json()
        if holds(video):
            return video
        await asyncio.sleep(0.05)
    raise AssertionError(f"waited in vain: {video}")
