"""Work whose video or project is deleted ends soon, leaves the device, and is not begun again."""

import asyncio
import time
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from backend.db.engine import Sessions
from tests.backend.model_process import ModelProcess
from tests.backend.running import RunningBackend
from tests.backend.workplace import Annotator, click

LONG_SEARCH = {"grids": [64, 64], "max_masklets": 3, "every_seconds": None}
SECONDS = 5.0  # one look a second, on a machine that also does other things


async def busy(model: ModelProcess) -> bool:
    async with httpx.AsyncClient() as client:
        health = (await client.get(f"{model.url}/v1/health")).json()
    return bool(health["num_waiting"] or health["busy_seconds"])


async def until_idle(model: ModelProcess) -> float:
    """How long it took until the device had nothing to do, for a whole second."""
    begun, last_busy = time.monotonic(), time.monotonic()
    while time.monotonic() - last_busy < 1.0:
        if await busy(model):
            last_busy = time.monotonic()
        assert last_busy - begun < 30, "the device is still at work"
        await asyncio.sleep(0.01)
    return last_busy - begun


def of(annotator: Annotator, subject: str) -> str:
    if subject == "video":
        return f"/api/videos/{annotator.video.video_id}"
    return f"/api/projects/{annotator.video.project_id}"


async def nothing_left(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        for table in ("runs", "auto_labelings", "jobs"):
            assert (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0, table


@pytest.mark.parametrize("subject", ["video", "project"])
async def test_a_search_ends_with_its_subject(
    annotator: Annotator, model_process: ModelProcess, sessions: Sessions, subject: str
) -> None:
    url = f"/api/videos/{annotator.video.video_id}/auto-labelings"
    begun = await annotator.client.post(url, json=LONG_SEARCH, headers={"Idempotency-Key": str(uuid4())})
    assert begun.status_code == 202, begun.text
    await until_searching(annotator)
    assert (await annotator.client.delete(of(annotator, subject))).status_code == 204
    assert await until_idle(model_process) < SECONDS
    await nothing_left(sessions)


async def until_searching(annotator: Annotator) -> None:
    deadline = time.monotonic() + 30
    told: Any = None
    while time.monotonic() < deadline:
        told = (await annotator.client.get(f"/api/videos/{annotator.video.video_id}/auto-labeling")).json()
        if (told["job"]["message"] or "").startswith("Looking"):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"waited in vain: {told}")


@pytest.mark.parametrize("subject", ["video", "project"])
async def test_a_propagation_ends_with_its_subject(
    annotator: Annotator, model_process: ModelProcess, sessions: Sessions, subject: str
) -> None:
    masklets = [await annotator.create_masklet() for _ in range(6)]
    for number, masklet in enumerate(masklets):
        await annotator.prompt(masklet, 0, click(60 + 10 * number, 150))
    run = (await annotator.start_run(masklets, 0)).json()
    await annotator.until_run(run["id"], lambda run: run["done"] >= 4)
    assert (await annotator.client.delete(of(annotator, subject))).status_code == 204
    assert await until_idle(model_process) < SECONDS
    await nothing_left(sessions)


async def test_a_propagation_that_waits_for_something_ends_with_its_video(
    annotator: Annotator, workplace: RunningBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No mask and no heartbeat arrives by which it would find out."""
    waiting, left = asyncio.Event(), asyncio.Event()

    async def never(*_: Any) -> None:
        waiting.set()
        try:
            await asyncio.sleep(60)
        finally:
            left.set()

    masklet = await annotator.create_masklet()
    await annotator.prompt(masklet, 0, click(70, 140))
    monkeypatch.setattr("backend.annotation.propagation.driver.advance", never)
    await annotator.start_run([masklet], 0)
    await asyncio.wait_for(waiting.wait(), 10)
    assert (await annotator.client.delete(of(annotator, "video"))).status_code == 204
    await asyncio.wait_for(left.wait(), SECONDS)
