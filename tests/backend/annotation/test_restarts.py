"""What survives the death of the backend process, and how it stops when asked to."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from backend.settings import Settings
from tests.backend.backend_process import BackendProcess
from tests.backend.conftest import NUM_FRAMES
from tests.backend.gate import Gate
from tests.backend.workplace import Annotator, StoredVideo, click


@pytest.fixture
async def process(work_settings: Settings, gate: Gate) -> AsyncIterator[BackendProcess]:
    process = BackendProcess(work_settings.model_copy(update={"model_url": gate.url}))
    await asyncio.to_thread(process.start)
    yield process
    process.send(signal.SIGKILL)


@pytest.fixture
async def remote(process: BackendProcess, stored_video: StoredVideo) -> AsyncIterator[Annotator]:
    async with httpx.AsyncClient(base_url=process.url, timeout=60) as client:
        yield Annotator(client, stored_video)


async def test_a_run_whose_backend_was_killed_is_finished_by_the_next_one_and_undone_in_one_step(
    process: BackendProcess, remote: Annotator
) -> None:
    masklet = await remote.create_masklet()
    await remote.prompt(masklet, 20, click(120, 150))
    started = (await remote.start_run([masklet], 20)).json()
    await remote.until_run(started["id"], lambda run: run["done"] >= 3)
    shown = await remote.frames(masklet)
    process.send(signal.SIGKILL)
    await asyncio.to_thread(process.start)
    run = await remote.run_ended(started["id"])
    assert (run["state"], run["done"]) == ("done", run["total"])
    frames = await remote.frames(masklet)
    assert len(frames) == NUM_FRAMES
    assert {index: frames[index]["mask"]["id"] for index in shown} == {
        index: frame["mask"]["id"] for index, frame in shown.items()
    }
    await remote.undo_top()
    assert sorted(await remote.frames(masklet)) == [20]


async def test_a_prompt_whose_backend_was_killed_before_its_mask_came_is_answered_by_the_next_one(
    process: BackendProcess, remote: Annotator, gate: Gate
) -> None:
    masklet = await remote.create_masklet()
    await gate.shut()
    key = uuid4()
    assert (await remote.prompt(masklet, 20, click(120, 150), key=key)).status_code == 503
    process.send(signal.SIGKILL)
    await gate.open()
    await asyncio.to_thread(process.start)  # the gate is in this thread
    for _ in range(400):
        frames = await remote.frames(masklet)
        if frames[20]["mask"]:
            break
        await asyncio.sleep(0.05)
    assert frames[20]["mask"]["source"] == "prompted"
    again = await remote.prompt(masklet, 20, click(120, 150), key=key, version=1)
    assert again.json()["frame"] == frames[20]


async def test_a_backend_that_is_told_to_stop_ends_its_event_streams_and_is_gone_within_two_seconds(
    process: BackendProcess, remote: Annotator
) -> None:
    masklet = await remote.create_masklet()
    await remote.prompt(masklet, 20, click(120, 150))
    await remote.start_run([masklet], 20)
    url = f"/api/videos/{remote.video.video_id}/events"
    async with remote.client.stream("GET", url) as response:
        lines = response.aiter_lines()
        await anext(lines)
        told = time.monotonic()
        await asyncio.to_thread(process.send, signal.SIGTERM)
        async for _line in lines:
            pass
    assert time.monotonic() - told < 2
