"""However much is asked in one prompt set, it ends soon, and clicks in other videos take about as long as ever.

With the built-in model, whose every look at a frame is long. All times are compared with those of the same minute.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from backend.db.engine import Sessions
from backend.settings import Settings
from backend.storage.objects import ObjectStore
from backend.tables import PromptSet
from model_server.contract.prompts import MAX_CLICKS
from tests.backend.conftest import NUM_FRAMES
from tests.backend.model_process import ModelProcess
from tests.backend.running import running_backend
from tests.backend.workplace import Annotator, StoredVideo, click, store_video

SECONDS = 5.0  # within which everything is answered or refused, on a quiet machine
SLOWER = 2.0  # a click elsewhere, than usual
BUSY = 3.0  # allowance for a machine that also does other things; `make bench` measures on a quiet one


def many(count: int) -> list[dict[str, Any]]:
    return [click(10 + 3 * (number % 90), 10 + 2 * (number % 100)) for number in range(count)]


@pytest.fixture(scope="module")
def builtin_process(shared_dir: Path) -> Iterator[ModelProcess]:
    process = ModelProcess(shared_dir, Path("builtin"))
    process.start()
    yield process
    process.kill()


@pytest.fixture
async def two(
    builtin_process: ModelProcess, work_settings: Settings, stored_video: StoredVideo, sessions: Sessions, proxy: Path
) -> AsyncIterator[tuple[Annotator, "Elsewhere"]]:
    """Somebody at one video, and somebody else at another one on the same model server."""
    other = await store_video(sessions, ObjectStore(work_settings.objects_dir), proxy, num_frames=NUM_FRAMES)
    async with running_backend(work_settings.model_copy(update={"model_url": builtin_process.url})) as running:
        annotator = Annotator(running.client, other)
        yield Annotator(running.client, stored_video), Elsewhere(annotator, await annotator.create_masklet())


class Elsewhere:
    """Clicks on one frame of another video, one after the other."""

    def __init__(self, annotator: Annotator, masklet: str) -> None:
        self._annotator = annotator
        self._masklet = masklet
        self._num_clicks = 0

    async def seconds_of_click(self) -> float:
        self._num_clicks += 1
        begun = time.perf_counter()
        answer = await self._annotator.prompt(self._masklet, 0, click(40 + self._num_clicks, 140))
        assert answer.status_code == 200, answer.text
        return time.perf_counter() - begun

    async def usual(self) -> float:
        """The median, once the frame is encoded and nothing else is going on."""
        await self.seconds_of_click()
        return median([await self.seconds_of_click() for _ in range(7)])

    async def during(self, work: "asyncio.Task[Any]") -> list[float]:
        times = [await self.seconds_of_click()]
        while not work.done():
            times.append(await self.seconds_of_click())
        return times


async def timed(asked: Any) -> tuple[float, Any]:
    begun = time.perf_counter()
    answer = await asked
    return time.perf_counter() - begun, answer


def told(what: str, usual: float, times: list[float], seconds: float) -> None:
    print(
        f"\n{what}: {seconds:.2f} s; a click elsewhere {1e3 * usual:.0f} ms, meanwhile {1e3 * median(times):.0f} ms"
        f" ({median(times) / usual:.2f} times, at most {max(times) / usual:.2f}, {len(times)} clicks)"
    )


async def test_a_click_elsewhere_is_served_while_a_full_prompt_set_is_answered_from_nothing(
    two: tuple[Annotator, Elsewhere],
) -> None:
    annotator, elsewhere = two
    masklet = await annotator.create_masklet()
    usual = await elsewhere.usual()
    asking = asyncio.create_task(timed(annotator.prompt(masklet, 3, *many(MAX_CLICKS))))
    times = await elsewhere.during(asking)
    seconds, answer = await asking
    usual = max(usual, await elsewhere.usual())
    told(f"{MAX_CLICKS} clicks from nothing", usual, times, seconds)
    assert answer.status_code == 200, answer.text
    assert median(times) <= BUSY * SLOWER * usual
    too_many, refused = await timed(annotator.prompt(masklet, 3, *many(1000)))
    assert (refused.status_code, f"at most {MAX_CLICKS}" in refused.json()["detail"]) == (422, True)
    assert too_many < SECONDS


async def test_after_a_restart_what_is_left_is_answered_behind_clicks_elsewhere(
    two: tuple[Annotator, Elsewhere], builtin_process: ModelProcess, sessions: Sessions
) -> None:
    annotator, elsewhere = two
    left, old = await annotator.create_masklet(), await annotator.create_masklet()
    await annotator.prompt(left, 0, click(70, 140))
    asking = asyncio.create_task(annotator.prompt(left, 3, *many(MAX_CLICKS)))
    await asyncio.sleep(0.5)
    builtin_process.kill()
    assert (await asking).status_code == 503
    key = uuid4()
    assert (await annotator.prompt(old, 3, click(70, 140), key=key)).status_code == 503
    async with sessions.begin() as session:  # as an earlier version stored it
        await session.execute(update(PromptSet).where(PromptSet.action_id == key).values(clicks=many(1000)))
    builtin_process.start()
    replayed = asyncio.create_task(timed(until(annotator, lambda frames: frames[left, 3]["mask"])))
    times = await elsewhere.during(replayed)
    seconds, _ = await replayed
    usual = await elsewhere.usual()
    told(f"{MAX_CLICKS} clicks again after a restart", usual, times, seconds)
    assert median(times[1:] or times) <= BUSY * SLOWER * usual
    found = await until(annotator, lambda frames: frames[old, 3]["problem"])
    assert f"at most {MAX_CLICKS} clicks" in found[old, 3]["problem"]["detail"]


async def until(annotator: Annotator, holds: Any) -> dict[tuple[str, int], Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        frames = {(each["masklet_id"], each["frame_index"]): each for each in (await annotator.changes())["frames"]}
        if holds(frames):
            return frames
        await asyncio.sleep(0.5)
    raise AssertionError("waited in vain")
