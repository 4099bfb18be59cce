"""The protocols of the event bus. It carries no data, so a lost ring only delays changes and never loses them."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol
from uuid import UUID


class Doorbell(Protocol):
    """One listener's bell for one video."""

    async def wait(self, seconds: float) -> bool:
        """Wait for a ring since the last wait. Returns False if none came in time, or the bus was closed."""
        ...


class EventBus(Protocol):
    """A bus whose rings reach all listeners of the same video."""

    @property
    def closed(self) -> bool:
        """Whether the process is stopping, so that listeners should leave."""
        ...

    @property
    def problem(self) -> str | None:
        """Why rings do not reach other backends at the moment; None if they do, or if there are no others."""
        ...

    def ring(self, video_id: UUID) -> None:
        """Tell the listeners of a video that it changed. This never blocks."""
        ...

    def listen(self, video_id: UUID) -> AbstractAsyncContextManager[Doorbell]:
        """Listen with a bell that has already rung once, so that earlier changes are not missed."""
        ...

    def close(self) -> None:
        """Wake all listeners and close the bus for good."""
        ...
