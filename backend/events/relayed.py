"""What event buses between backends have in common: listeners here, and rings that others have yet to be told of."""

import asyncio
from contextlib import AbstractAsyncContextManager
from uuid import UUID, uuid4

from backend.events.bus import Doorbell
from backend.events.in_process import InProcessBus


class RelayedBus:
    """Implements EventBus for listeners on this event loop. Subclasses pass rings between backends."""

    def __init__(self, problem: str) -> None:
        """`problem` says what is missing until the others are reached."""
        self._here = InProcessBus()
        self._own_name = uuid4().hex[:12]  # to ignore this backend's own rings when they come back
        self._untold: set[UUID] = set()
        self._something_untold = asyncio.Event()
        self._problem: str | None = problem

    @property
    def closed(self) -> bool:
        return self._here.closed

    @property
    def problem(self) -> str | None:
        return self._problem

    def ring(self, video_id: UUID) -> None:
        self._here.ring(video_id)
        self._untold.add(video_id)
        self._something_untold.set()

    def listen(self, video_id: UUID) -> AbstractAsyncContextManager[Doorbell]:
        return self._here.listen(video_id)

    def close(self) -> None:
        self._here.close()
