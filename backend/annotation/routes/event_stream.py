"""A video's changes as a response of server-sent events."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import UUID

from fastapi.responses import StreamingResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Message, Receive, Scope, Send

from backend.annotation.feeds.feed import Feed, encoded
from backend.annotation.feeds.listener import Listener
from backend.annotation.feeds.registry import Feeds
from backend.auth.tenure import LOOK_SECONDS, Standing
from backend.problems import NotFound

_HEARTBEAT_SECONDS = 5.0
_PATIENCE_SECONDS = 20.0  # with a reader who takes nothing
_HELLO = b"retry: 1000\n: here\n\n"
_HEARTBEAT = b": heartbeat\n\n"


class EventStream(StreamingResponse):
    """Ends when the process stops, the video is deleted, or the reader loses access or does not read.

    No database session is held while it waits.
    """

    media_type = "text/event-stream"

    def __init__(self, stack: AsyncExitStack, pieces: AsyncIterator[bytes]) -> None:
        """`stack` is closed with the stream."""
        super().__init__(pieces, headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
        self._stack = stack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await send(message)

        async with self._stack:
            await super().__call__(scope, receive, send_in_time)


async def event_stream(feeds: Feeds, video_id: UUID, *, after: int, standing: Standing, viewer_id: UUID) -> EventStream:
    """Begin to follow a video after a sequence number.

    Raises:
        VideoNotFound, TooManyStreams: as `Feeds.listen`; a status can still be sent then.
    """
    async with AsyncExitStack() as stack:
        feed, listener = await stack.enter_async_context(feeds.listen(video_id, viewer_id))
        return EventStream(stack.pop_all(), _pieces(feed, listener, after, standing))


async def _pieces(feed: Feed, listener: Listener, after: int, standing: Standing) -> AsyncIterator[bytes]:
    yield _HELLO
    heard_at = time.monotonic()  # when something was last sent
    more = after < feed.seq
    while not listener.ended:
        event = None
        if more:
            try:
                found = await feed.changes(after)
            except (NotFound, SQLAlchemyError):
                return  # the browser reconnects and gets the problem then
            event, more = encoded(found), found.more
            after = max(after, found.seq)
        else:
            event = await listener.next(LOOK_SECONDS)
            if event is not None and event.seq <= after:
                continue
        if not standing.holds:
            return
        if event is not None:
            after = max(after, event.seq)
            yield event.text
            heard_at = time.monotonic()
        elif time.monotonic() - heard_at >= _HEARTBEAT_SECONDS:
            yield _HEARTBEAT
            heard_at = time.monotonic()
