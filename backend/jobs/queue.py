"""The durable queue, on Procrastinate and Postgres: a job commits or rolls back with the rows it is about.

A killed worker leaves its job marked as running. Its heartbeat stops, and the next worker that looks puts the job back.
So every kind of work must be repeatable.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Procrastinate does not type its `additional_context`.

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import structlog
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job as QueuedJob
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from sqlalchemy.ext.asyncio import AsyncSession

from backend.background import background
from backend.db.engine import libpq_url
from backend.jobs.context import Interrupted, JobKind, Workplace
from backend.jobs.execution import give_up, run_job
from backend.outage import outage_of
from backend.tables import Job

_log = structlog.get_logger()
_HEARTBEAT_SECONDS = 2.0
_STALLED_AFTER_SECONDS = 8.0
_MAX_ATTEMPTS = 3
_OUTAGE_SECONDS = 5
_INTERRUPTED_SECONDS = 4  # times 2, then 4: memory that was short may have been freed by then
_STOP_SECONDS = 15.0  # in which a worker tells its jobs to stop and records how they ended
_PUTTING_BACK = UUID("aa7ed294-a247-4fcd-bbe0-ba9874f99160")  # names a lock


class _Again(BaseRetryStrategy):
    """Retry at once after an orderly stop of the worker, for as long as an outage lasts, and a few times otherwise."""

    def get_retry_decision(self, *, exception: BaseException, job: QueuedJob) -> RetryDecision | None:
        if isinstance(exception, JobAborted | asyncio.CancelledError):
            return RetryDecision(retry_in={"seconds": 0})
        if outage_of(exception) is not None:
            return RetryDecision(retry_in={"seconds": _OUTAGE_SECONDS})
        if job.attempts + 1 >= _MAX_ATTEMPTS:
            return None
        pause = _INTERRUPTED_SECONDS if isinstance(exception, Interrupted) else 1
        return RetryDecision(retry_in={"seconds": pause * 2 ** (job.attempts + 1)})


class JobQueue:
    """Adds jobs to the queue, and works on them."""

    def __init__(self, database_url: str, *, kinds: Mapping[str, JobKind], concurrency: int = 1) -> None:
        """`kinds` maps the `kind` of a job's row to its work."""
        self._kinds = kinds
        self._concurrency = concurrency
        self._app = App(connector=PsycopgConnector(conninfo=libpq_url(database_url), min_size=1, max_size=6))
        self._working = False

        self._run = self._app.task(name="run_job", retry=_Again(), pass_context=True)(self._run_job)
        self._discard = self._app.task(name="discard_objects", retry=_Again(), pass_context=True)(_discard_objects)

    async def add(self, session: AsyncSession, job: Job, *, one_at_a_time: str | None = None) -> None:
        """Add a job's row and its entry in the queue, both in the caller's transaction.

        Jobs that are added with the same `one_at_a_time` run one after the other.
        """
        assert job.kind in self._kinds, job.kind
        session.add(job)
        await session.flush()
        await self._run.configure(
            connection=await _driver_connection(session), lock=one_at_a_time or str(job.id)
        ).defer_async(job_id=str(job.id))

    async def discard(self, session: AsyncSession, prefix: str) -> None:
        """Delete all objects under a prefix after the commit of the caller's transaction."""
        await self._discard.configure(connection=await _driver_connection(session)).defer_async(prefix=prefix)

    @asynccontextmanager
    async def working(self, workplace: Workplace) -> AsyncGenerator[None]:
        """Work on jobs while the block lasts."""
        async with self._app.open_async():
            work, putting_back = self._work(workplace), self._put_stalled_back(workplace)
            async with background(work, putting_back, patience_seconds=_STOP_SECONDS):
                yield

    @property
    def is_working(self) -> bool:
        """Whether a worker of this process is running."""
        return self._working

    async def _run_job(self, context: JobContext, job_id: str) -> None:
        workplace: Workplace = context.additional_context["workplace"]
        try:
            await run_job(UUID(job_id), self._kinds, workplace)
        except Exception as error:
            if outage_of(error) is None and context.job.attempts + 1 >= _MAX_ATTEMPTS:
                await give_up(UUID(job_id), self._kinds, workplace)
            raise

    async def _work(self, workplace: Workplace) -> None:
        while True:
            try:
                self._working = True
                await self._app.run_worker_async(
                    concurrency=self._concurrency,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=0,
                    update_heartbeat_interval=_HEARTBEAT_SECONDS,
                    stalled_worker_timeout=_STALLED_AFTER_SECONDS,
                    delete_jobs="successful",
                    additional_context={"workplace": workplace},
                )
            except Exception as error:
                _log.error("worker.failed", exc_info=error)
                if (this := asyncio.current_task()) is not None and this.cancelling():
                    raise asyncio.CancelledError from error  # without a database, a worker fails while it stops
            finally:
                self._working = False
            await asyncio.sleep(1)  # most likely the database is down, and will come back

    async def _put_stalled_back(self, workplace: Workplace) -> None:
        manager = self._app.job_manager
        while True:
            with suppress(Exception):  # without a database there is nothing to put back; the worker logs the error
                # Without the lock, a second backend could put the same job back while it is already running again.
                async with workplace.locks.hold([_PUTTING_BACK]):
                    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_AFTER_SECONDS):
                        await manager.retry_job(job)
                        _log.info("job.put_back", job_id=job.task_kwargs.get("job_id"))
            await asyncio.sleep(_HEARTBEAT_SECONDS)


async def _discard_objects(context: JobContext, prefix: str) -> None:
    workplace: Workplace = context.additional_context["workplace"]
    await workplace.store.delete_under(prefix)


async def _driver_connection(session: AsyncSession) -> object:
    raw = await (await session.connection()).get_raw_connection()
    return raw.driver_connection
