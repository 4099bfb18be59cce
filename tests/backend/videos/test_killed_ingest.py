"""A decoder that is killed is not the file's fault: the ingest is tried again, and the file is kept."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from backend.jobs import queue
from tests.backend.running import RunningBackend
from tests.backend.videos.uploading import upload, wait_until_settled
from tests.clips import write_clip
from tests.processes import processes_below


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "long.mp4", "constant", 500)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_INTERRUPTED_SECONDS", 0)


def decoder() -> psutil.Process | None:
    """The media program's innermost process, if one runs."""
    return next(reversed(processes_below(word="backend.videos.media")), None)


@asynccontextmanager
async def killed(number: signal.Signals, *, times: int) -> AsyncIterator[list[int]]:
    """While the block lasts, media programs are sent this signal, each once, so many times."""
    victims: list[int] = []

    async def kill() -> None:
        while len(victims) < times:
            victim = await asyncio.to_thread(decoder)
            if victim is not None and victim.pid not in victims and time.time() - victim.create_time() > 0.3:
                victims.append(victim.pid)
                victim.send_signal(number)
            await asyncio.sleep(0.02)

    task = asyncio.create_task(kill())
    try:
        yield victims
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_an_ingest_whose_decoder_is_killed_once_is_finished(backend: RunningBackend, clip: Path) -> None:
    async with killed(signal.SIGKILL, times=1) as victims:
        video = await wait_until_settled(backend, (await upload(backend, clip))["id"])
    assert len(victims) == 1
    assert (video["state"], video["num_frames"]) == ("ready", 500)


@pytest.mark.long
async def test_a_decoder_that_is_killed_every_time_leaves_the_file_for_another_try(
    backend: RunningBackend, clip: Path
) -> None:
    async with killed(signal.SIGKILL, times=3) as victims:
        video = await wait_until_settled(backend, (await upload(backend, clip))["id"])
    assert len(victims) == 3
    assert (video["state"], video["can_retry"]) == ("failed", True)
    again = await backend.client.post(f"/api/videos/{video['id']}/ingest")
    assert (again.status_code, again.json()["state"]) == (202, "ingesting")
    twice = await backend.client.post(f"/api/videos/{video['id']}/ingest")
    assert twice.json()["job"]["id"] == again.json()["job"]["id"]
    video = await wait_until_settled(backend, video["id"])
    assert (video["state"], video["can_retry"], video["problem"]) == ("ready", False, None)


async def test_a_decoder_that_crashes_once_is_given_another_try(backend: RunningBackend, clip: Path) -> None:
    async with killed(signal.SIGSEGV, times=1) as victims:
        video = await wait_until_settled(backend, (await upload(backend, clip))["id"])
    assert len(victims) == 1
    assert video["state"] == "ready"


async def test_a_file_over_which_the_decoder_crashes_twice_is_refused_and_not_kept(
    backend: RunningBackend, clip: Path
) -> None:
    async with killed(signal.SIGSEGV, times=2):
        video = await wait_until_settled(backend, (await upload(backend, clip))["id"])
    assert video["problem"]["detail"] == "long.mp4 makes the decoder crash (SIGSEGV)."
    assert not video["can_retry"]
    again = await backend.client.post(f"/api/videos/{video['id']}/ingest")
    assert (again.status_code, again.json()["type"]) == (409, "urn:maskloom:problem:file-not-kept")
