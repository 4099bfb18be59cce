"""Two backends on one database and one model server: they may work on the same object at the same moment."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select, update

from backend.annotation.record import run_queries
from backend.db.engine import Sessions
from backend.db.shared_locks import SharedLocks
from backend.settings import Settings
from backend.tables import Action, Run
from tests.backend.backend_process import BackendProcess
from tests.backend.conftest import NUM_FRAMES
from tests.backend.gate import Gate
from tests.backend.running import running_backend
from tests.backend.workplace import Annotator, StoredVideo, click, disk


@pytest.fixture
async def other(work_settings: Settings, annotator: Annotator) -> AsyncIterator[Annotator]:
    """The same person's second browser, on a second backend."""
    async with running_backend(work_settings) as running:
        yield Annotator(running.client, annotator.video, annotator.versions)


async def prompted_masklet(annotator: Annotator, frame: int = 0) -> str:
    masklet = await annotator.create_masklet()
    assert (await annotator.prompt(masklet, frame, click(120, 150))).status_code == 200
    return masklet


async def prompt_until_accepted(annotator: Annotator, masklet: str, frame: int) -> None:
    for _ in range(50):
        answer = await annotator.prompt(masklet, frame, click(60 + 4 * frame, 150))
        if answer.status_code == 200:
            return
        assert answer.status_code == 412, answer.text  # the other was first: edit what there is now
    raise AssertionError("never accepted")


async def test_prompts_of_one_object_at_both_at_once_are_all_answered(annotator: Annotator, other: Annotator) -> None:
    masklet = await prompted_masklet(annotator)
    mine, theirs = range(1, 13, 2), range(2, 14, 2)

    async def work(at: Annotator, frames: range) -> None:
        for frame in frames:
            await prompt_until_accepted(at, masklet, frame)

    await asyncio.gather(work(annotator, mine), work(other, theirs))
    frames = await annotator.frames(masklet)
    assert sorted(frames) == list(range(13))
    assert {frame["mask"]["source"] for frame in frames.values()} == {"prompted"}
    assert frames == await other.frames(masklet)


async def test_prompts_at_one_during_a_run_of_the_other_keep_their_masks_and_the_run_ends(
    annotator: Annotator, other: Annotator
) -> None:
    masklet = await prompted_masklet(annotator)
    started = (await annotator.start_run([masklet], 0, direction="forward")).json()
    await other.until_run(started["id"], lambda run: run["done"] >= 2)
    prompted = (await other.prompt(masklet, 39, click(200, 150))).json()["frame"]
    drawn = (await other.draw(masklet, 38, disk(100, 100, 20))).json()["frame"]  # the model has not heard of it:
    restored = (await other.prompt(masklet, 37, click(200, 150))).json()["frame"]  # so the object is restored
    run = await other.run_ended(started["id"])
    assert (run["state"], run["done"], run["problem"]) == ("done", run["total"], None)
    frames = await annotator.frames(masklet)
    assert (frames[39], frames[38], frames[37]) == (prompted, drawn, restored)
    assert sorted(frames) == list(range(NUM_FRAMES))


async def test_a_backend_that_starts_leaves_the_runs_of_a_living_one_alone(
    annotator: Annotator, work_settings: Settings, sessions: Sessions
) -> None:
    masklet = await prompted_masklet(annotator)
    started = (await annotator.start_run([masklet], 0)).json()
    await annotator.until_run(started["id"], lambda run: run["done"] >= 1)
    async with running_backend(work_settings):
        assert (await annotator.run_ended(started["id"]))["state"] == "done"
    async with sessions.begin() as session:
        assert await session.scalar(select(Run.epoch)) == 1


async def test_cancelling_at_one_stops_the_run_of_the_other(annotator: Annotator, other: Annotator) -> None:
    masklets = [await prompted_masklet(annotator) for _ in range(6)]  # one alone may be at its end before it is stopped
    masklet = masklets[0]
    started = (await annotator.start_run(masklets, 0)).json()
    await annotator.until_run(started["id"], lambda run: run["done"] >= 2)
    assert (await other.client.post(f"/api/runs/{started['id']}/cancel")).json()["state"] == "cancelled"
    stored = await other.frames(masklet)
    await asyncio.sleep(0.5)
    assert await annotator.frames(masklet) == stored
    assert len(stored) < NUM_FRAMES


async def test_how_fast_a_run_is_can_be_seen_at_the_other_backend(
    annotator: Annotator, other: Annotator, sessions: Sessions
) -> None:
    masklet = await prompted_masklet(annotator)
    run = await annotator.propagate([masklet], 0)
    assert run["frames_per_second"] is None
    hour = timedelta(hours=1)
    async with sessions.begin() as session:  # as a third backend leaves the row while it drives
        row = {"state": "running", "done": 9, "frames_per_second": 15.0, "driven_until": func.now() + hour}
        await session.execute(update(Run).values(**row))
    for browser in (annotator, other):
        seen = (await browser.client.get(f"/api/runs/{run['id']}")).json()
        assert (seen["frames_per_second"], seen["eta_seconds"]) == (15.0, 2.0)


@pytest.fixture
async def doomed(work_settings: Settings, gate: Gate, annotator: Annotator) -> AsyncIterator[BackendProcess]:
    """A backend in a process of its own that reaches the model server through a gate."""
    process = BackendProcess(work_settings.model_copy(update={"model_url": gate.url}))
    await asyncio.to_thread(process.start)
    yield process
    process.send(signal.SIGKILL)


async def test_what_a_killed_backend_left_undone_is_done_by_the_other_within_seconds(
    doomed: BackendProcess, annotator: Annotator, gate: Gate, stored_video: StoredVideo, sessions: Sessions
) -> None:
    async with httpx.AsyncClient(base_url=doomed.url, timeout=60) as client:
        there = Annotator(client, stored_video, annotator.versions)
        tracked, waiting = await prompted_masklet(there), await there.create_masklet()
        started = (await there.start_run([tracked], 0, direction="forward")).json()
        await there.until_run(started["id"], lambda run: run["done"] >= 3)
        shown = await there.frames(tracked)
        await gate.shut()
        assert (await there.prompt(waiting, 20, click(120, 150))).status_code == 503
    doomed.send(signal.SIGKILL)
    killed_at = time.monotonic()
    await annotator.until_run(started["id"], lambda run: run["done"] > len(shown))
    assert time.monotonic() - killed_at < run_queries.CLAIM_PERIOD.total_seconds() + 10
    assert (await annotator.run_ended(started["id"]))["state"] == "done"
    frames = await annotator.frames(tracked)
    assert {index: frames[index]["mask"]["id"] for index in shown} == {
        index: frame["mask"]["id"] for index, frame in shown.items()
    }
    for _ in range(200):
        if (await annotator.frames(waiting))[20]["mask"]:
            break
        await asyncio.sleep(0.1)
    assert (await annotator.frames(waiting))[20]["mask"]["source"] == "prompted"
    async with sessions.begin() as session:
        assert not (await session.scalars(select(Action.id).where(~Action.complete))).all()


async def test_a_lock_is_held_against_other_processes_and_goes_with_its_connection(
    sessions: Sessions, stored_video: StoredVideo
) -> None:
    here, there = SharedLocks(sessions), SharedLocks(sessions)
    entered = asyncio.Event()

    async def enter() -> None:
        async with there.hold([stored_video.video_id]):
            entered.set()

    async with here.hold([stored_video.video_id]):
        waiting = asyncio.create_task(enter())
        await asyncio.sleep(0.3)
        assert not entered.is_set()
        await here.close()  # as when its process is killed
        await asyncio.wait_for(entered.wait(), 5)
    await waiting
    async with here.hold([stored_video.video_id]):  # on a new connection
        pass
    await asyncio.gather(here.close(), there.close())


async def test_who_is_cancelled_while_taking_a_lock_keeps_none(sessions: Sessions, stored_video: StoredVideo) -> None:
    here, there = SharedLocks(sessions), SharedLocks(sessions)

    async def enter() -> None:
        async with here.hold([stored_video.video_id]):
            await asyncio.sleep(0)

    for turns in range(12):
        task = asyncio.create_task(enter())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    async with asyncio.timeout(5), there.hold([stored_video.video_id]):
        pass
    await asyncio.gather(here.close(), there.close())
