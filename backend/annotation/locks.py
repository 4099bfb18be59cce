"""One conversation with the model server about an object at a time, in the order in which they were begun."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID
from weakref import WeakValueDictionary


class ObjectLocks:
    """A lock per masklet, for as long as anybody holds it or waits for it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def hold(self, masklet_ids: Iterable[UUID]) -> AsyncIterator[None]:
        """Hold the locks of all these masklets; taken in one order, so that nobody waits in a circle."""
        async with AsyncExitStack() as stack:
            for masklet_id in sorted(set(masklet_ids)):
                lock = self._locks.setdefault(masklet_id, asyncio.Lock())
                await stack.enter_async_context(lock)
            yield
