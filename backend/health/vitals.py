"""What only a trial tells, tried in the background: whether the disk has room and the database takes writes."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from backend.background import background
from backend.db.engine import Sessions
from backend.health import queries
from backend.outage import DiskFull, outage_of
from backend.storage.room import full_disk

_log = structlog.get_logger()
_SECONDS_BETWEEN_LOOKS = 1.0
_LOOKS_BETWEEN_WRITES = 10  # while the last one succeeded
_WRITE_SECONDS = 10.0


class Vitals:
    """The last findings. They are at most a few seconds old, and reading them costs nothing."""

    def __init__(self, sessions: Sessions, data_dir: Path) -> None:
        self._sessions = sessions
        self._data_dir = data_dir
        self.disk_problem: str | None = None
        self.write_problem: str | None = None

    @asynccontextmanager
    async def watched(self) -> AsyncGenerator["Vitals"]:
        """Keep trying while the block lasts."""
        async with background(self._watch()):
            yield self

    async def _watch(self) -> None:
        looks = 0
        while True:
            await self._look_at_disk()
            if looks % _LOOKS_BETWEEN_WRITES == 0 or self.write_problem is not None:
                await self._try_to_write()
            looks += 1
            await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)

    async def _look_at_disk(self) -> None:
        full = await asyncio.to_thread(full_disk, self._data_dir)
        problem = None if full is None else f"The disk is full: {full.free_bytes // 1024**2} MB are free."
        if (problem is None) != (self.disk_problem is None):
            _log.warning("disk.full" if full else "disk.has_room", folder=str(full.folder) if full else None)
        self.disk_problem = problem

    async def _try_to_write(self) -> None:
        """Write what needs a new block of the database's disk, so that a full one is noticed."""
        try:
            async with asyncio.timeout(_WRITE_SECONDS), self._sessions.begin() as session:
                await queries.write_probe(session)
            problem = None
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            if queries.somebody_holds_table(error):  # as a backup does while it reads
                return
            full = isinstance(outage_of(error), DiskFull)
            problem = "The database's disk is full." if full else f"It takes no writes ({type(error).__name__})."
        if problem is not None and self.write_problem is None:
            _log.warning("database.takes_no_writes", reason=problem)
        self.write_problem = problem
