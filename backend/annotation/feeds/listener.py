"""One reader of a change stream, and the events that wait for it."""

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

_MOST_EVENTS = 64
_MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """Changes as they are sent, and the sequence number to continue from."""

    seq: int
    text: bytes


class Listener:
    """Whoever does not take events in time is cut off, and resumes with the last event's id.

    The events themselves are shared by all listeners, so one that falls behind holds little more than references.
    """

    def __init__(self, user_id: UUID) -> None:
        self.user_id = user_id
        self._events: deque[ChangeEvent] = deque()
        self._num_bytes = 0
        self._news = asyncio.Event()
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self._ended

    def put(self, event: ChangeEvent) -> None:
        self._events.append(event)
        self._num_bytes += len(event.text)
        if len(self._events) > _MOST_EVENTS or self._num_bytes > _MOST_BYTES:
            self.end()
        self._news.set()

    def end(self) -> None:
        self._ended = True
        self._events.clear()
        self._news.set()

    async def next(self, seconds: float) -> ChangeEvent | None:
        """The next event; None if there was none in time, or nothing more comes."""
        if not self._events and not self._ended:
            self._news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._news.wait()
        if not self._events:
            return None
        event = self._events.popleft()
        self._num_bytes -= len(event.text)
        return event
