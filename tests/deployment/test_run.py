"""The main job through two backends and two model servers, while one of each is killed and Redis comes and goes.

Pages are followed by a client of the event stream, not by Chromium: people sign in here, their cookie goes over https
only, and what a page does with a stream is told in tests/e2e.
"""

import asyncio
import io
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from pycocotools import mask as coco
from redis import Redis
from sqlalchemy import update

from backend.auth.permissions import TOKEN_PERMISSIONS
from backend.db.embedded import EmbeddedPostgres
from backend.db.engine import libpq_url, make_engine, make_sessions
from backend.tables import User
from backend.tables.user import LOCAL_OWNER_ID
from tests.architecture.repository import ROOT
from tests.backend.accounts import token_of
from tests.backend.workplace import Annotator, StoredVideo, click, disk
from tests.clips import write_clip
from tests.deployment.composition import Composition
from tests.mini_weights import write_mini_weights

NUM_FRAMES = 100
A, B = "backend 1", "backend 2"

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def composition(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composition]:
    folder = tmp_path_factory.mktemp("composed")
    weights = write_mini_weights(folder / "mini.safetensors")
    postgres = EmbeddedPostgres(folder / "postgres", durable=False)
    postgres.start()
    postgres.ensure_database()
    running = Composition(folder, postgres.url(), weights)
    try:
        running.run_to_its_end("migrate")
        running.token = asyncio.run(token_of_the_owner(running))
        running.start("redis", "model-1", "model-2", A, B)
        yield running
    finally:
        running.close()
        postgres.stop()


async def token_of_the_owner(composition: Composition) -> str:
    """People sign in here. A program's token spares the test the cookie, which a browser sends over https only."""
    engine = make_engine(composition.database_url)
    sessions = make_sessions(engine)
    async with sessions.begin() as session:
        await session.execute(update(User).where(User.id == LOCAL_OWNER_ID).values(is_admin=True))
    token = await token_of(sessions, LOCAL_OWNER_ID, *TOKEN_PERMISSIONS)
    await engine.dispose()
    return token


@dataclass
class Browser:
    """A page that follows the video at one backend, comes back when its stream ends, and remembers what it saw."""

    annotator: Annotator
    seq: int = 0
    shown: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    arrivals: list[float] = field(default_factory=list)

    def masks(self, masklet: str) -> dict[int, str]:
        return {frame: ids[-1] for (owner, frame), ids in self.shown.items() if owner == masklet}

    async def follow(self) -> None:
        while True:
            with suppress(httpx.HTTPError):
                await self._follow_once()
            await asyncio.sleep(0.2)

    async def _follow_once(self) -> None:
        url = f"/api/videos/{self.annotator.video.video_id}/events"
        async with self.annotator.client.stream("GET", url, headers={"Last-Event-ID": str(self.seq)}) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    self._show(json.loads(line.removeprefix("data: ")))

    def _show(self, changes: dict[str, Any]) -> None:
        self.seq = max(self.seq, changes["seq"])
        for frame in changes["frames"]:
            if frame["mask"] is not None:
                self.arrivals.append(time.monotonic())
                self.shown.setdefault((frame["masklet_id"], frame["frame_index"]), []).append(frame["mask"]["id"])


def signed_in(composition: Composition, name: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {composition.token}"}
    return httpx.AsyncClient(base_url=composition.url(name), timeout=60, headers=headers)


@asynccontextmanager
async def browser(composition: Composition, name: str, video: StoredVideo) -> AsyncIterator[Browser]:
    async with signed_in(composition, name) as client:
        page = Browser(Annotator(client, video))
        following = asyncio.create_task(page.follow())
        try:
            yield page
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


async def until(holds: Any, what: str, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        await asyncio.sleep(0.02)


async def uploaded(composition: Composition, clip: Path) -> StoredVideo:
    """Sent to one backend, ready at the other."""
    async with (
        signed_in(composition, A) as at_a,
        signed_in(composition, B) as at_b,
    ):
        project = (await at_a.post("/api/projects", json={"name": "Team", "stride": 1})).json()["id"]
        sent = await at_a.post(
            f"/api/projects/{project}/videos", params={"filename": clip.name}, content=clip.read_bytes()
        )
        assert sent.status_code == 202, sent.text
        for _ in range(900):
            video = (await at_b.get(f"/api/videos/{sent.json()['id']}")).json()
            if video["state"] != "ingesting":
                break
            await asyncio.sleep(0.1)
        assert video["state"] == "ready", video
    return StoredVideo(UUID(project), UUID(video["id"]), NUM_FRAMES)


async def test_a_stranger_is_let_in_nowhere(composition: Composition) -> None:
    for name in (A, B):
        async with httpx.AsyncClient(base_url=composition.url(name), timeout=60) as client:
            assert (await client.get("/api/projects")).status_code == 401


def server_of(composition: Composition, video: StoredVideo) -> str:
    """The model server that has the video's tracking session."""
    with psycopg.connect(libpq_url(composition.database_url)) as connection:
        row = connection.execute("SELECT server FROM tracking_places WHERE video_id = %s", [video.video_id]).fetchone()
    assert row is not None
    return next(name for name in ("model-1", "model-2") if composition.url(name) == row[0])


@pytest.mark.long
async def test_the_main_job_across_two_backends_while_one_of_each_is_killed_and_redis_is_lost(
    composition: Composition, tmp_path: Path
) -> None:
    video = await uploaded(composition, write_clip(tmp_path / "clip.mp4", "constant", NUM_FRAMES))
    async with browser(composition, A, video) as at_a, browser(composition, B, video) as at_b:
        masklet = await at_a.annotator.create_masklet()
        clicked_at = time.monotonic()
        assert (await at_a.annotator.prompt(masklet, 30, click(120, 150))).status_code == 200
        await until(lambda: 30 in at_b.masks(masklet), "the click at A is seen at B")
        assert time.monotonic() - clicked_at < 30

        await propagate_while_things_die(composition, at_a, at_b, masklet)
        composition.start(A)
        await correct_without_redis(composition, at_a, at_b, masklet)
        composition.start("redis")

        rest = await at_b.annotator.propagate([masklet], 45)
        assert (rest["state"], rest["done"]) == ("done", rest["total"])
        await judge_and_export(at_a.annotator, at_b.annotator, masklet)
        everything_shown_is_kept(composition, at_a, at_b)


async def propagate_while_things_die(composition: Composition, at_a: Browser, at_b: Browser, masklet: str) -> None:
    """A drives the run; B's page sees it live. Then the model server that tracks dies, Redis is flushed, A dies."""
    seen_before = len(at_b.arrivals)
    run = (await at_a.annotator.start_run([masklet], 30)).json()
    await until(lambda: len(at_b.masks(masklet)) >= 5, "B sees masks of A's run")
    state = (await at_b.annotator.client.get(f"/api/runs/{run['id']}")).json()
    assert state["state"] == "running", "B saw the masks while they were made, not afterwards"
    assert len(set(at_b.arrivals[seen_before:])) > 1

    victim = server_of(composition, at_a.annotator.video)
    composition.kill(victim)
    Redis(port=composition.port("redis")).flushall()
    await until(lambda: server_of(composition, at_a.annotator.video) != victim, "the video moves to the other one")
    reached = len(at_b.masks(masklet))
    await until(lambda: len(at_b.masks(masklet)) > reached, "which goes on with the run")

    state = (await at_b.annotator.client.get(f"/api/runs/{run['id']}")).json()
    assert state["state"] == "running", state
    composition.kill(A)
    ended = await at_b.annotator.run_ended(run["id"])
    assert (ended["state"], ended["done"], ended["problem"]) == ("done", ended["total"], None)
    await until(lambda: len(at_b.masks(masklet)) == NUM_FRAMES, "B sees the whole run")


async def correct_without_redis(composition: Composition, at_a: Browser, at_b: Browser, masklet: str) -> None:
    composition.kill("redis")
    await at_a.annotator.changes()  # its page was reloaded: it knows the version
    assert (await at_a.annotator.prompt(masklet, 45, click(200, 150))).status_code == 200
    drawn = await at_a.annotator.draw(masklet, 10, disk(100, 100, 25))
    assert drawn.status_code == 200, drawn.text
    newest = drawn.json()["frame"]["mask"]["id"]
    await until(lambda: at_b.masks(masklet)[10] == newest, "B sees what A drew, without Redis", 30)


async def judge_and_export(at_a: Annotator, at_b: Annotator, masklet: str) -> None:
    await at_b.changes()
    verdict = await at_b.verdict(masklet, "satisfactory")
    assert verdict.status_code in (200, 201), verdict.text
    asked = await at_a.client.post(
        f"/api/projects/{at_a.video.project_id}/exports",
        json={"format": "sa_v", "only_satisfactory": True},
        headers={"Idempotency-Key": str(uuid4())},
    )
    assert asked.status_code == 202, asked.text
    for _ in range(600):
        export = (await at_b.client.get(f"/api/exports/{asked.json()['id']}")).json()
        if export["state"] in ("done", "failed"):
            break
        await asyncio.sleep(0.1)
    assert export["state"] == "done", export
    archive = zipfile.ZipFile(io.BytesIO((await at_b.client.get(export["download_url"])).content))
    (name,) = (name for name in archive.namelist() if name.endswith("_manual.json"))
    rows = json.loads(archive.read(name))["masklet"]
    frames = await at_a.frames(masklet)
    assert len(rows) == len(frames) == NUM_FRAMES
    for index, (written,) in enumerate(rows):
        assert int(coco.area(written)) == frames[index]["mask"]["area"], index


def everything_shown_is_kept(composition: Composition, *pages: Browser) -> None:
    shown = {mask for page in pages for masks in page.shown.values() for mask in masks}
    with psycopg.connect(libpq_url(composition.database_url)) as connection:
        kept = connection.execute("SELECT count(*) FROM frame_masks WHERE id = ANY(%s)", [list(shown)]).fetchone()
    assert len(shown) >= NUM_FRAMES + 2
    assert kept == (len(shown),)


@pytest.mark.parametrize(
    ("module", "variable", "service"),
    [("backend.health.ready", "MASKLOOM_PORT", B), ("model_server.serving.ready", "MASKLOOM_MODEL_PORT", "redis")],
)
def test_a_health_check_tells_who_serves_from_who_does_not(
    composition: Composition, module: str, variable: str, service: str
) -> None:
    """Redis listens too, and is no model server. Docker may give containers the proxy of its host."""
    checked = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env={variable: str(composition.port(service)), "PATH": "", "http_proxy": "http://127.0.0.1:9"},
        capture_output=True,
        check=False,
    )
    assert checked.returncode == (0 if service == B else 1)
