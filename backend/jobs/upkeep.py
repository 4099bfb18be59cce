"""Chores that are done again and again while the application runs."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import structlog

from backend.background import background
from backend.db.shared_locks import SharedLocks

_log = structlog.get_logger()
_FIRST_AFTER_SECONDS = 5.0  # who starts the application waits for other things first
_AT_CHORES = UUID("5f0f7a52-3a5d-4f0c-9a3b-7d1f7b0f2c11")  # names a lock: one backend at a time

Chore = Callable[[], Awaitable[object]]


@asynccontextmanager
async def upkeep(chores: Sequence[Chore], locks: SharedLocks, *, every_seconds: float) -> AsyncGenerator[None]:
    """Do the chores soon after the start and then every so often, while the block lasts.

    One that fails is tried next time.
    """
    async with background(_keep(chores, locks, every_seconds)):
        yield


async def _keep(chores: Sequence[Chore], locks: SharedLocks, every_seconds: float) -> None:
    await asyncio.sleep(min(_FIRST_AFTER_SECONDS, every_seconds))
    while True:
        try:
            async with locks.hold([_AT_CHORES]):
                for chore in chores:
                    await chore()
        except Exception as error:
            _log.warning("upkeep.failed", exc_info=error)
        await asyncio.sleep(every_seconds)
