"""How much one person may have answered at once, so that others are not kept waiting."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID
from weakref import WeakValueDictionary

from backend.auth.problems import TooManyRequests

REQUESTS_PER_PERSON = 32
"""At one backend process. A browser seldom sends more than six; more wait for their turn."""
_PATIENCE_SECONDS = 10.0


class Crowd:
    """The requests that are being answered, by person."""

    def __init__(self) -> None:
        self._places: WeakValueDictionary[UUID, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def place(self, user_id: UUID) -> AsyncGenerator[None]:
        """Hold one of the person's places, once it is free.

        Raises:
            TooManyRequests: none becomes free in time.
        """
        places = self._places.get(user_id)
        if places is None:
            places = self._places[user_id] = asyncio.Semaphore(REQUESTS_PER_PERSON)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS if places.locked() else None):
                await places.acquire()
        except TimeoutError:
            raise TooManyRequests from None
        try:
            yield
        finally:
            places.release()
