"""The event bus of several backends of one machine, which share nothing but their Postgres.

Rings go from backend to backend as notifications of Postgres. Like Redis's they may be lost, which only delays changes:
now and then, and after a lost connection, all listeners here look anyway.
"""

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection, Notify

from backend.background import background
from backend.db.engine import libpq_url
from backend.events.relayed import RelayedBus

_log = structlog.get_logger()
_CHANNEL = "maskloom_changed_videos"
_MOST_IN_ONE = 100  # ids in a notification, which may have 8000 bytes
_PAUSE_SECONDS = 1.0  # before the next attempt to connect
_GATHERING_SECONDS = 0.05  # after a notification, so that the rings of a busy moment share the next one
_LOOK_ANYWAY_SECONDS = 15.0
_FAILURES = (psycopg.Error, OSError, TimeoutError)


class PostgresBus(RelayedBus):
    """Passes rings between backends as notifications."""

    def __init__(self, database_url: str) -> None:
        super().__init__("Not connected to the other backends yet.")
        self._database_url = libpq_url(database_url)

    async def tell(self) -> None:
        """Send rings to the other backends, for ever."""
        while True:
            with suppress(*_FAILURES):  # what is untold stays, and is told over the next connection
                async with await self._connection() as connection:
                    while True:
                        await self._something_untold.wait()
                        self._something_untold.clear()
                        await self._notify(connection, list(self._untold))
                        await asyncio.sleep(_GATHERING_SECONDS)
            self._something_untold.set()
            await asyncio.sleep(_PAUSE_SECONDS)

    async def hear(self) -> None:
        """Ring here what others rang, for ever."""
        while True:
            try:
                async with await self._connection() as connection:
                    await connection.execute(f"LISTEN {_CHANNEL}")
                    self._problem = None
                    while True:
                        self._here.ring_all()  # for rings that were missed
                        async for heard in connection.notifies(timeout=_LOOK_ANYWAY_SECONDS):
                            self._pass_on(heard)
            except _FAILURES as error:
                if self._problem is None:
                    _log.warning("notifications.lost", reason=type(error).__name__)
                self._problem = f"Postgres passes no rings on ({type(error).__name__}). Changes are seen late."
            self._here.ring_all()
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _connection(self) -> AsyncConnection:
        return await AsyncConnection.connect(self._database_url, autocommit=True, connect_timeout=5)

    async def _notify(self, connection: AsyncConnection, videos: Collection[UUID]) -> None:
        left = list(videos)
        while left:
            batch, left = left[:_MOST_IN_ONE], left[_MOST_IN_ONE:]
            # A ring during the sending is told again, which is harmless; one that is forgotten would not be.
            self._untold.difference_update(batch)
            words = " ".join([self._own_name, *(video_id.hex for video_id in batch)])
            try:
                await connection.execute("SELECT pg_notify(%s, %s)", (_CHANNEL, words))
            except BaseException:
                self._untold.update(batch)
                raise

    def _pass_on(self, heard: Notify) -> None:
        teller, *videos = heard.payload.split() or [""]
        if teller != self._own_name:
            with suppress(ValueError):  # another program's words
                for video_id in videos:
                    self._here.ring(UUID(video_id))


@asynccontextmanager
async def postgres_bus(database_url: str) -> AsyncGenerator[PostgresBus]:
    """A bus that works while the block lasts."""
    bus = PostgresBus(database_url)
    async with background(bus.tell(), bus.hear()):
        yield bus
