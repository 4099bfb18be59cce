"""The event bus of several backends that share a Redis.

Redis may be lost at any time, with everything in it, because a lost ring only delays changes. This backend's listeners
are rung directly, those of others through one channel. While Redis is down, and now and then while it is up, all bells
here are rung, so that listeners read Postgres anyway.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# redis-py's commands are typed for its synchronous and its asynchronous client at once.

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from backend.background import background
from backend.events.relayed import RelayedBus

_log = structlog.get_logger()
_CHANNEL = "maskloom:changed-videos"
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 3.0
_SILENCE_SECONDS = 5.0  # before Redis is pinged; it has as long to answer
_LOOK_SECONDS = 2.0  # the longest delay of a change while Redis is down
_LOOK_ANYWAY_SECONDS = 15.0  # and while it is up, because another backend may be cut off from it
_FAILURES = (RedisError, OSError, TimeoutError)


class RedisBus(RelayedBus):
    """Passes rings between backends over a channel."""

    def __init__(self, redis: Redis) -> None:
        super().__init__("Not connected to Redis yet.")
        self._redis = redis

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """Send and receive rings while the block lasts."""
        async with background(self._tell(), self._hear(), self._look()):
            yield

    async def _tell(self) -> None:
        """Send rings to the other backends, and retry those that Redis did not take."""
        pause = _FIRST_PAUSE_SECONDS
        while True:
            await self._something_untold.wait()
            self._something_untold.clear()
            videos, self._untold = self._untold, set()
            try:
                for video_id in videos:
                    await self._redis.publish(_CHANNEL, f"{self._own_name} {video_id}")
                pause = _FIRST_PAUSE_SECONDS
            except _FAILURES:
                self._untold |= videos
                self._something_untold.set()
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def _hear(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            subscription = self._redis.pubsub()
            try:
                await subscription.subscribe(_CHANNEL)
                _log.info("redis.connected")
                self._problem = None
                self._here.ring_all()  # for rings that were missed
                pause = _FIRST_PAUSE_SECONDS
                await self._pass_on(subscription)
            except _FAILURES as error:
                if self._problem is None:
                    _log.warning("redis.lost", reason=type(error).__name__)
                self._problem = f"Redis does not answer ({type(error).__name__}). Changes made elsewhere are seen late."
            finally:
                with suppress(*_FAILURES):
                    await subscription.aclose()
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    async def _pass_on(self, subscription: PubSub) -> None:
        asked = False
        while True:
            message = await subscription.get_message(timeout=_SILENCE_SECONDS)
            if message is not None:
                asked = False
                if message["type"] == "message":
                    self._heard(message["data"])
            elif asked:
                raise TimeoutError("Redis fell silent")
            else:
                asked = True
                await subscription.ping()

    def _heard(self, words: str) -> None:
        teller, _, video_id = words.partition(" ")
        if teller != self._own_name:
            with suppress(ValueError):  # another program's message
                self._here.ring(UUID(video_id))

    async def _look(self) -> None:
        waited = 0.0
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            waited += _LOOK_SECONDS
            if self._problem is not None or waited >= _LOOK_ANYWAY_SECONDS:
                waited = 0.0
                self._here.ring_all()


@asynccontextmanager
async def redis_bus(url: str) -> AsyncGenerator[RedisBus]:
    """A bus on the Redis at this URL, whether it answers or not, that works while the block lasts."""
    # The loops above retry; the client's own retries would only hide for a while that Redis is down.
    redis = Redis.from_url(
        url, decode_responses=True, socket_connect_timeout=2, socket_timeout=2, retry=Retry(NoBackoff(), 0)
    )
    try:
        bus = RedisBus(redis)
        async with bus.working():
            yield bus
    finally:
        await redis.aclose()
