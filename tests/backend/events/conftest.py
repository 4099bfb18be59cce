"""The three buses, and a Redis for the one that needs it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from backend.events.bus import EventBus
from backend.events.connection import event_bus
from tests.redis_process import RedisProcess, redis_running


@pytest.fixture(scope="session")
def one_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisProcess]:
    with redis_running(tmp_path_factory.mktemp("redis")) as process:
        yield process


@pytest.fixture
def redis(one_redis: RedisProcess) -> RedisProcess:
    """A Redis that answers, whatever the test before did to it."""
    if one_redis.process is None:
        one_redis.start()
    return one_redis


NewBus = Callable[[], AbstractAsyncContextManager[EventBus]]


@pytest.fixture(params=["in process", "redis", "postgres"])
def new_bus(request: pytest.FixtureRequest) -> NewBus:
    url = request.getfixturevalue("redis").url if request.param == "redis" else ""
    database = request.getfixturevalue("database_url") if request.param == "postgres" else ""
    return lambda: connected_bus(url, database)


@pytest.fixture
async def bus(new_bus: NewBus) -> AsyncIterator[EventBus]:
    async with new_bus() as bus:
        yield bus


@asynccontextmanager
async def connected_bus(url: str, database: str = "") -> AsyncIterator[EventBus]:
    """A bus that has nothing to ring for any more."""
    async with event_bus(url, shared_database=database) as bus:
        await until(lambda: bus.problem is None)
        yield bus


async def until(is_so: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for it."""
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - what is waited for raises no event
            await asyncio.sleep(0.01)
