"""What a doorbell must offer. It carries no data: a lost ring costs promptness, never a change."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol
from uuid import UUID


class Doorbell(Protocol):
    """One listener's bell for one video."""

    async def wait(self, seconds: float) -> bool:
        """True once somebody rang since the last wait; False when nobody did within the time, or the bus closed."""
        ...


class EventBus(Protocol):
    """Rings reach every listener of the same video."""

    @property
    def closed(self) -> bool:
        """The process is stopping: listeners should leave."""
        ...

    @property
    def problem(self) -> str | None:
        """Why rings do not reach the other backends just now; None when they do, or there are none."""
        ...

    def ring(self, video_id: UUID) -> None:
        """Tell the listeners of a video that it changed. Never waits."""
        ...

    def listen(self, video_id: UUID) -> AbstractAsyncContextManager[Doorbell]:
        """A bell that has already rung once, so that nothing from before is missed."""
        ...

    def close(self) -> None:
        """Wake every listener, for good."""
        ...
