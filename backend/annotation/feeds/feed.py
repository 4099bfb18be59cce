"""The reader of one line of work in a video: it reads each change once, and hands all listeners the same bytes."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from backend.annotation.feeds.listener import ChangeEvent, Listener
from backend.annotation.record.masklet_queries import VideoOutline
from backend.annotation.record.schemas import Changes
from backend.annotation.record.undo_limits import LineViewer
from backend.annotation.record.views import changes_of, read_outline
from backend.db.engine import Sessions
from backend.events.bus import Doorbell, EventBus
from backend.masklets.line_queries import Line
from backend.problems import NotFound

_log = structlog.get_logger()
_LOOK_SECONDS = 30.0
_SHORTEST_PAUSE_SECONDS = 0.02  # between two reads, so that a burst of changes becomes few events

Pace = Mapping[UUID, float]


class Feed:
    """Reads for as long as somebody listens."""

    def __init__(self, reading: Sessions, bus: EventBus, pace: Pace, video_id: UUID, line: Line, seq: int) -> None:
        """`seq` is where it begins; listeners who have less catch up by themselves."""
        self._reading = reading
        self._bus = bus
        self._pace = pace
        self._video_id = video_id
        self._line = line
        self._seq = seq
        self.listeners: set[Listener] = set()
        self.reader: asyncio.Task[None] | None = None  # the owner of this feed starts and cancels it

    @property
    def seq(self) -> int:
        """Up to where the listeners have been told."""
        return self._seq

    async def read(self) -> None:
        """Read until it is cancelled, the process stops or the video cannot be read."""
        try:
            async with self._bus.listen(self._video_id) as bell:
                while not self._bus.closed:
                    await self._pass_on(bell)
                    await asyncio.sleep(_SHORTEST_PAUSE_SECONDS)
        except (NotFound, SQLAlchemyError):
            pass  # listeners come again, and are told then
        except Exception as error:
            _log.error("feed.failed", video_id=str(self._video_id), exc_info=error)
        finally:
            for listener in self.listeners:
                listener.end()

    async def changes(self, after: int) -> Changes:
        """A page of changes after a sequence number. Those who have moved to another line of work leave first."""
        async with self._reading() as session:
            outline = await read_outline(session, self._video_id, after=after)
            self._let_strangers_go(outline)
            everybody = LineViewer(None, self._line)
            return await changes_of(session, outline, after=after, pace=self._pace, viewer=everybody)

    async def _pass_on(self, bell: Doorbell) -> None:
        if not await bell.wait(_LOOK_SECONDS):
            return
        more = True
        while more:
            found = await self.changes(self._seq)
            event = encoded(found)
            if event is not None:
                for listener in self.listeners:
                    listener.put(event)
            self._seq, more = max(self._seq, found.seq), found.more

    def _let_strangers_go(self, outline: VideoOutline) -> None:
        """End the streams of those who have moved to another line: a study began or ended."""
        for listener in self.listeners:
            if outline.line_of(listener.user_id) != self._line:
                listener.end()


def encoded(found: Changes) -> ChangeEvent | None:
    """Changes as a server-sent event; None if nothing changed."""
    if not (found.masklets or found.frames or found.runs):
        return None
    text = f"event: changes\nid: {found.seq}\ndata: {found.model_dump_json()}\n\n"
    return ChangeEvent(found.seq, text.encode())
