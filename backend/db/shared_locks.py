"""Locks across processes: whichever backend they are in, only one at a time works on an object.

They keep backends from undoing each other's work, but the integrity of stored data does not depend on them. The
database releases a lock when the connection that took it is lost, so no dead process keeps one.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from uuid import UUID
from weakref import WeakValueDictionary

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions

_FIRST_PAUSE_SECONDS = 0.01
_LONGEST_PAUSE_SECONDS = 0.2


class SharedLocks:
    """One lock per id, taken on a single connection that this process keeps.

    Postgres gives a lock to a connection and not to a task, so tasks of this process first wait for a local lock.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._here: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
        self._connection: AsyncSession | None = None
        self._speaking = asyncio.Lock()

    @asynccontextmanager
    async def hold(self, ids: Iterable[UUID]) -> AsyncGenerator[None]:
        """Hold the locks of all these ids. They are taken in a fixed order, so that there is no deadlock.

        Raises:
            DBAPIError: the database does not answer.
        """
        async with AsyncExitStack() as stack:
            for each in sorted(set(ids)):
                await stack.enter_async_context(self._here.setdefault(each, asyncio.Lock()))
                await stack.enter_async_context(self._held(each))
            yield

    async def close(self) -> None:
        """Release all locks."""
        async with self._speaking:
            await self._hang_up()

    @asynccontextmanager
    async def _held(self, each: UUID) -> AsyncGenerator[None]:
        pause = _FIRST_PAUSE_SECONDS
        while not await self._taken(each):
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        try:
            yield
        finally:
            await asyncio.shield(self._let_go(each))

    async def _taken(self, each: UUID) -> bool:
        """Try to take a lock. A cancellation waits for the query: aborting it would lose the connection's locks."""
        asking = asyncio.ensure_future(self._ask(func.pg_try_advisory_lock(_key(each))))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            await asyncio.wait([asking])
            if asking.exception() is None and asking.result():
                await self._let_go(each)
            raise

    async def _let_go(self, each: UUID) -> None:
        with suppress(SQLAlchemyError):  # the lock went with the connection
            await self._ask(func.pg_advisory_unlock(_key(each)))

    async def _ask(self, question: ColumnElement[bool]) -> bool:
        async with self._speaking:
            try:
                if self._connection is None:
                    self._connection = self._sessions()
                    await self._connection.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
                return bool(await self._connection.scalar(select(question)))
            except BaseException:  # a cancelled query leaves the connection unusable
                await self._hang_up()
                raise

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError):
                await connection.invalidate()


def _key(each: UUID) -> int:
    """64 bits of the id, signed as Postgres requires. If two ids share a key, one merely waits for the other."""
    return int.from_bytes(each.bytes[:8], signed=True) ^ int.from_bytes(each.bytes[8:], signed=True)
