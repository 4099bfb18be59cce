"""A video's changes as they happen: read from Postgres whenever the bell rings."""

import time
from collections.abc import AsyncIterator
from uuid import UUID

from fastapi.sse import ServerSentEvent
from sqlalchemy.exc import DBAPIError

from backend.annotation.engine import AnnotationDesk
from backend.annotation.record.schemas import Changes
from backend.annotation.record.views import read_changes
from backend.auth.access import Standing
from backend.db.engine import Sessions
from backend.masklets.lines import line_of
from backend.problems import NotFound

_HEARTBEAT_SECONDS = 5.0  # also the longest that somebody who is shut out goes on listening
_PAGE = 500
_HELLO = ServerSentEvent(comment="here", retry=1000)
_HEARTBEAT = ServerSentEvent(comment="heartbeat")


async def follow(
    sessions: Sessions, desk: AnnotationDesk, video_id: UUID, *, after: int, standing: Standing, viewer_id: UUID
) -> AsyncIterator[ServerSentEvent]:
    """Events from after a sequence number on, until the process stops, the video is gone or the reader is shut out.

    No DB session is held.
    """
    yield _HELLO
    heard_at = time.monotonic()  # when the browser last heard anything
    async with desk.bus.listen(video_id) as bell:
        while not desk.bus.closed:
            rung = await bell.wait(_HEARTBEAT_SECONDS)
            if not await standing.holds():
                return
            if time.monotonic() - heard_at >= _HEARTBEAT_SECONDS:  # bells may ring for nothing, and often
                heard_at = time.monotonic()
                yield _HEARTBEAT
            if not rung:
                continue
            more = True
            while more and not desk.bus.closed:
                try:
                    found = await _read(sessions, desk, video_id, after, viewer_id)
                except (NotFound, DBAPIError):
                    return  # the browser asks again, and learns what is the matter
                if _is_news(found):
                    heard_at = time.monotonic()
                    yield ServerSentEvent(event="changes", id=str(found.seq), raw_data=found.model_dump_json())
                after, more = max(after, found.seq), found.more


async def _read(sessions: Sessions, desk: AnnotationDesk, video_id: UUID, after: int, viewer_id: UUID) -> Changes:
    pace = desk.driver.frames_per_second
    async with sessions.begin() as session:
        line = await line_of(session, video_id, viewer_id)
        return await read_changes(session, video_id, after=after, limit=_PAGE, pace=pace, line=line)


def _is_news(changes: Changes) -> bool:
    return bool(changes.masklets or changes.frames or changes.runs)
