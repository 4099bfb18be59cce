"""What background work gets, and how it reports its progress."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.engine import Sessions
from backend.db.shared_locks import SharedLocks
from backend.settings import Settings
from backend.storage.objects import ObjectStore
from backend.tables import Job
from backend.tables.states import JobState

_SECONDS_BETWEEN_REPORTS = 0.4


class JobWithdrawn(Exception):
    """The job's row is gone, because what it was for was deleted while it ran."""


class Interrupted(Exception):
    """Something outside ended the work, such as the kernel for want of memory. It is tried again after a while."""


@dataclass(frozen=True)
class Workplace:
    """What every kind of work can use."""

    settings: Settings
    sessions: Sessions
    store: ObjectStore
    locks: SharedLocks
    discard: "Discard"


class JobContext:
    """One run of one job. The same job can run again after a crash, so work must be repeatable."""

    def __init__(self, job_id: UUID, workplace: Workplace) -> None:
        self.job_id = job_id
        self.settings = workplace.settings
        self.sessions = workplace.sessions
        self.store = workplace.store
        self._next_report = 0.0

    async def report(self, done: int, total: int, *, message: str | None = None, unit: str = "frames") -> None:
        """Report progress. Calls in quick succession are dropped, except one that reports the end.

        Raises:
            JobWithdrawn: the job is gone, so the work can stop.
        """
        now = time.monotonic()
        if now < self._next_report and done < total:
            return
        self._next_report = now + _SECONDS_BETWEEN_REPORTS
        async with self.sessions.begin() as session:
            row = await session.execute(
                update(Job)
                .where(Job.id == self.job_id)
                .values(done=done, total=total, message=message, unit=unit)
                .returning(Job.id)
            )
            if row.first() is None:
                raise JobWithdrawn

    async def finish(self, session: AsyncSession, *, message: str | None = None) -> None:
        """Mark the job as done, in the transaction that stores its result."""
        await session.execute(
            update(Job)
            .where(Job.id == self.job_id)
            .values(state=JobState.done, done=Job.total, message=message, finished_at=func.now())
        )


Work = Callable[[JobContext], Awaitable[None]]
ProblemBody = dict[str, Any]
Discard = Callable[[AsyncSession, str], Awaitable[None]]
"""Delete all objects under a prefix after the transaction's commit."""


@dataclass(frozen=True)
class JobKind:
    """One kind of background work.

    `work` raises a `MaskloomError` if it cannot be done; after any other exception it is retried. `on_failure` runs in
    the transaction that marks the job as failed. `lasting` work takes hours, and takes no place from other work.
    """

    work: Work
    on_failure: Callable[[AsyncSession, Job, ProblemBody, Workplace], Awaitable[None]] | None = None
    lasting: bool = False
