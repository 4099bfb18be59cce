"""Several backends and one Redis that comes and goes."""

import asyncio
import os
import signal
import time
from uuid import uuid4

import pytest

from backend.events import redis as redis_events
from backend.events.connection import event_bus
from tests.backend.events.conftest import connected_bus, until
from tests.redis_process import RedisProcess

CUP = uuid4()


async def test_a_ring_at_one_backend_is_heard_at_the_other_at_once(redis: RedisProcess) -> None:
    async with connected_bus(redis.url) as here, connected_bus(redis.url) as there, there.listen(CUP) as bell:
        await bell.wait(0)
        here.ring(CUP)
        rung_at = time.monotonic()
        assert await bell.wait(5)
        assert time.monotonic() - rung_at < 0.5


async def test_a_flushed_redis_loses_no_ring(redis: RedisProcess) -> None:
    async with connected_bus(redis.url) as here, connected_bus(redis.url) as there, there.listen(CUP) as bell:
        await bell.wait(0)
        redis.flush()
        here.ring(CUP)
        assert await bell.wait(1)


async def test_without_redis_own_listeners_hear_at_once_and_all_others_look_now_and_then(redis: RedisProcess) -> None:
    async with connected_bus(redis.url) as here, connected_bus(redis.url) as there:
        redis.kill()
        await until(lambda: here.problem is not None and there.problem is not None)
        async with here.listen(CUP) as own, there.listen(CUP) as foreign:
            await own.wait(0)
            await foreign.wait(0)
            here.ring(CUP)
            assert await own.wait(0.01)
            assert await foreign.wait(redis_events._LOOK_SECONDS + 1)


async def test_both_find_a_redis_that_came_back_and_pass_on_what_was_rung_meanwhile(redis: RedisProcess) -> None:
    async with connected_bus(redis.url) as here, connected_bus(redis.url) as there, there.listen(CUP) as bell:
        redis.kill()
        await until(lambda: here.problem is not None and there.problem is not None)
        here.ring(CUP)
        await asyncio.to_thread(redis.start)
        await until(lambda: here.problem is None and there.problem is None)
        await asyncio.sleep(redis_events._LONGEST_PAUSE_SECONDS)  # by now everything late has been told
        await bell.wait(0)
        here.ring(CUP)
        assert await bell.wait(1)


async def test_a_backend_starts_without_redis_and_says_what_is_missing(redis: RedisProcess) -> None:
    redis.kill()
    async with event_bus(redis.url) as bus:
        await until(lambda: "does not answer" in (bus.problem or ""))
        await asyncio.to_thread(redis.start)
        await until(lambda: bus.problem is None)


async def test_a_redis_that_falls_silent_counts_as_lost(redis: RedisProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_events, "_SILENCE_SECONDS", 0.2)
    async with connected_bus(redis.url) as bus:
        redis.pause()
        await until(lambda: bus.problem is not None)
        assert redis.process is not None
        os.kill(redis.process.pid, signal.SIGCONT)
        await until(lambda: bus.problem is None)


async def test_strange_words_on_the_channel_are_ignored(redis: RedisProcess) -> None:
    async with connected_bus(redis.url) as here, connected_bus(redis.url) as there, there.listen(CUP) as bell:
        await bell.wait(0)
        client = redis._client()
        for words in ("", "x", "someone not-a-uuid", "\x00\xff"):
            client.publish(redis_events._CHANNEL, words)
        assert not await bell.wait(0.2)
        here.ring(CUP)
        assert await bell.wait(1)
