"""Whatever is deleted, and whenever, and whoever is killed meanwhile: nothing of it is left."""

import asyncio
import random
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import httpx
import numpy as np
import pytest
from sqlalchemy import text

from backend.db.engine import Sessions
from backend.storage.live_folder import files_in
from tests.backend.videos.killable import SECONDS, Killable
from tests.backend.workplace import encoded
from tests.clips import write_clip

KEPT_TABLES = {"alembic_version", "audit_entries", "users", "write_probes", "model_versions"}
QUEUE_TABLES = {"procrastinate_workers", "procrastinate_events", "procrastinate_periodic_defers"}
KILL_SHARE = 0.15
SEED = 20261141  # of the first five deletions no two are of a kind, and one follows a kill


class Hand:
    """A seeded hand that uploads, annotates, exports, deletes at any moment, and kills the backend now and then."""

    def __init__(self, backend: Killable, client: httpx.AsyncClient, clip: bytes, seed: int) -> None:
        self._backend, self._client, self._clip = backend, client, clip
        self._rng = random.Random(seed)
        self.did: list[str] = []

    async def delete_something(self) -> None:
        """Begin some work, and delete what it is for at a random moment."""
        project = (await self._client.post("/api/projects", json={"name": "P", "stride": 1})).json()["id"]
        moment = self._rng.choice(("upload", "ingest", "export"))
        video = str(uuid4())
        uploading = asyncio.create_task(self._upload(project, video))
        try:
            if moment != "upload":
                await uploading
            if moment == "export":
                await self._annotate(video)
                await self._post(f"/api/projects/{project}/exports", {"format": "sa_v", "only_satisfactory": False})
            await asyncio.sleep(self._rng.uniform(0, 0.15 if moment == "upload" else 1.2))
            if killed := self._rng.random() < KILL_SHARE:
                self._backend.kill()
                await self._backend.start(self._client)
            what = self._rng.choice(("videos", "projects"))
            self.did.append(f"{what} during {moment}{' after a kill' if killed else ''}")
            if what == "videos":
                await self._client.delete(f"/api/videos/{video}")
        finally:
            with suppress(httpx.HTTPError):
                await uploading
        answer = await self._client.delete(f"/api/projects/{project}")
        assert answer.status_code == 204, answer.text

    async def _upload(self, project: str, video: str) -> None:
        async def slowly():
            for start in range(0, len(self._clip), 20_000):
                yield self._clip[start : start + 20_000]
                await asyncio.sleep(0.002)

        headers = {"Idempotency-Key": video, "Content-Length": str(len(self._clip))}
        url = f"/api/projects/{project}/videos?filename=clip.mp4"
        await self._client.post(url, content=slowly(), headers=headers)

    async def _annotate(self, video: str) -> None:
        deadline = time.monotonic() + SECONDS
        while (read := (await self._client.get(f"/api/videos/{video}")).json())["state"] == "ingesting":
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        masklet = (await self._post(f"/api/videos/{video}/masklets", {})).json()
        mask = np.ones((read["height"], read["width"]), dtype=bool)
        body = {"mask": encoded(mask), "tool": "brush"}
        headers = {"Idempotency-Key": str(uuid4()), "If-Match": f'"{masklet["version"]}"'}
        drawn = await self._client.put(f"/api/masklets/{masklet['id']}/frames/0/mask", json=body, headers=headers)
        assert drawn.status_code == 200, drawn.text

    async def _post(self, url: str, body: dict[str, object]) -> httpx.Response:
        answer = await self._client.post(url, json=body, headers={"Idempotency-Key": str(uuid4())})
        assert answer.is_success, answer.text
        return answer


@pytest.mark.parametrize(
    "num_deletions",
    [
        pytest.param(5, id="five"),
        pytest.param(200, id="two hundred", marks=[pytest.mark.slow, pytest.mark.timeout(3600)]),
    ],
)
@pytest.mark.long
async def test_nothing_of_what_was_deleted_is_left(
    num_deletions: int, database_url: str, data_dir: Path, sessions: Sessions, tmp_path: Path
) -> None:
    clip = write_clip(tmp_path / "clip.mp4", "constant", 60).read_bytes()
    often = {"MASKLOOM_UPKEEP_SECONDS": "1", "MASKLOOM_LEFTOVER_SECONDS": "3"}
    backend = Killable(database_url, data_dir, **often)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{backend.port}", timeout=30) as client:
        await backend.start(client)
        hand = Hand(backend, client, clip, seed=SEED)
        for _ in range(num_deletions):
            await hand.delete_something()
        try:
            await _until_nothing_is_left(sessions, data_dir)
        finally:
            backend.kill()
    assert len(set(hand.did)) > 3, hand.did


async def _until_nothing_is_left(sessions: Sessions, data_dir: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while left := [*_files(data_dir), *await _rows(sessions)]:
        assert time.monotonic() < deadline, "\n".join(left)
        await asyncio.sleep(0.5)


def _files(data_dir: Path) -> list[str]:
    return [
        str(path.relative_to(data_dir))
        for folder in ("objects", "staging", "tunings")
        for path in files_in(data_dir / folder)
    ]


async def _rows(sessions: Sessions) -> list[str]:
    async with sessions.begin() as session:
        tables = await session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        left: list[str] = []
        for table in sorted(set(tables) - KEPT_TABLES - QUEUE_TABLES):
            if count := await session.scalar(text(f'SELECT count(*) FROM "{table}"')):
                left.append(f"{count} rows of {table}")
        return left
