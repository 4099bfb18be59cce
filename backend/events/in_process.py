"""The event bus of a single backend process."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from backend.events.bus import Doorbell


class InProcessBell:
    """A flag that a ring raises and a wait lowers."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()
        self.rung.set()

    async def wait(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.rung.wait()
        was_rung = self.rung.is_set()
        self.rung.clear()
        return was_rung


class InProcessBus:
    """Implements EventBus for listeners on the same event loop."""

    def __init__(self) -> None:
        self._bells: defaultdict[UUID, set[InProcessBell]] = defaultdict(set)
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def problem(self) -> str | None:
        return None

    def ring(self, video_id: UUID) -> None:
        for bell in self._bells.get(video_id, ()):
            bell.rung.set()

    def ring_all(self) -> None:
        """Wake all listeners."""
        for bells in self._bells.values():
            for bell in bells:
                bell.rung.set()

    @asynccontextmanager
    async def listen(self, video_id: UUID) -> AsyncGenerator[Doorbell]:
        bell = InProcessBell()
        self._bells[video_id].add(bell)
        try:
            yield bell
        finally:
            self._bells[video_id].discard(bell)
            if not self._bells[video_id]:
                del self._bells[video_id]

    def close(self) -> None:
        self._closed = True
        self.ring_all()
