"""The feeds of one backend process, one for each line of work that somebody follows."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from backend.annotation.feeds.feed import Feed, Pace
from backend.annotation.feeds.listener import Listener
from backend.annotation.feeds.problems import TooManyStreams
from backend.annotation.record.views import read_outline
from backend.background import end
from backend.db.engine import Sessions
from backend.events.bus import EventBus
from backend.tables.base import LAST_SEQ

STREAMS_PER_PERSON = 24
"""As many pages as one person may have open at once, at one backend process."""


class Feeds:
    """Starts a feed with its first listener, and stops it with its last."""

    def __init__(self, reading: Sessions, bus: EventBus, pace: Pace) -> None:
        self._reading = reading
        self._bus = bus
        self._pace = pace
        self._feeds: dict[tuple[UUID, UUID | None], Feed] = {}
        self._streams: Counter[UUID] = Counter()

    @property
    def num_feeds(self) -> int:
        return len(self._feeds)

    @property
    def closed(self) -> bool:
        """Whether the process is stopping."""
        return self._bus.closed

    @asynccontextmanager
    async def listen(self, video_id: UUID, user_id: UUID) -> AsyncGenerator[tuple[Feed, Listener]]:
        """Join the feed of a person's line of work in a video.

        Raises:
            VideoNotFound: there is no such video.
            TooManyStreams: the person listens to very many already.
        """
        if self._streams[user_id] >= STREAMS_PER_PERSON:
            raise TooManyStreams
        self._streams[user_id] += 1
        try:
            async with self._reading() as session:
                outline = await read_outline(session, video_id, after=LAST_SEQ)
            line, listener = outline.line_of(user_id), Listener(user_id)
            key = video_id, line
            feed = self._feeds.get(key)
            if feed is None or feed.reader is None or feed.reader.done():
                feed = self._feeds[key] = Feed(self._reading, self._bus, self._pace, video_id, line, outline.seq)
                feed.reader = asyncio.create_task(feed.read())
            feed.listeners.add(listener)
            try:
                yield feed, listener
            finally:
                feed.listeners.discard(listener)
                if not feed.listeners:
                    await self._stop(key, feed)
        finally:
            self._streams[user_id] -= 1
            if not self._streams[user_id]:
                del self._streams[user_id]

    async def _stop(self, key: tuple[UUID, UUID | None], feed: Feed) -> None:
        if self._feeds.get(key) is feed:
            del self._feeds[key]
        if feed.reader is not None:
            await end([feed.reader])
