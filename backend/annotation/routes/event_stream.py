"""A video's changes as server-sent events, read from Postgres whenever the event bus rings."""

import time
from collections.abc import AsyncIterator
from uuid import UUID

from fastapi.sse import ServerSentEvent
from sqlalchemy.exc import DBAPIError

from backend.annotation.engine import AnnotationEngine
from backend.annotation.record.schemas import Changes
from backend.annotation.record.views import read_changes
from backend.auth.tenure import LOOK_SECONDS, Standing
from backend.db.engine import Sessions
from backend.masklets.line_queries import line_of
from backend.problems import NotFound

_HEARTBEAT_SECONDS = 5.0
_HELLO = ServerSentEvent(comment="here", retry=1000)
_HEARTBEAT = ServerSentEvent(comment="heartbeat")


async def follow(
    sessions: Sessions, engine: AnnotationEngine, video_id: UUID, *, after: int, standing: Standing, viewer_id: UUID
) -> AsyncIterator[ServerSentEvent]:
    """Events after a sequence number, until the process stops, the video is deleted or the reader loses access.

    No database session is held while it waits.
    """
    yield _HELLO
    heard_at = time.monotonic()  # when something was last sent
    async with engine.bus.listen(video_id) as bell:
        while not engine.bus.closed:
            rung = await bell.wait(LOOK_SECONDS)
            if not standing.holds:
                return
            if time.monotonic() - heard_at >= _HEARTBEAT_SECONDS:  # the bell may ring often without news
                heard_at = time.monotonic()
                yield _HEARTBEAT
            if not rung:
                continue
            more = True
            while more and not engine.bus.closed:
                try:
                    found = await _read(sessions, engine, video_id, after, viewer_id)
                except (NotFound, DBAPIError):
                    return  # the browser reconnects and gets the problem then
                if _is_news(found):
                    heard_at = time.monotonic()
                    yield ServerSentEvent(event="changes", id=str(found.seq), raw_data=found.model_dump_json())
                after, more = max(after, found.seq), found.more


async def _read(sessions: Sessions, engine: AnnotationEngine, video_id: UUID, after: int, viewer_id: UUID) -> Changes:
    pace = engine.driver.frames_per_second
    async with sessions.begin() as session:
        line = await line_of(session, video_id, viewer_id)
        return await read_changes(session, video_id, after=after, pace=pace, line=line)


def _is_news(changes: Changes) -> bool:
    return bool(changes.masklets or changes.frames or changes.runs)
