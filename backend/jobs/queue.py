"""The durable queue, on Procrastinate and Postgres: a job commits or rolls back with the rows it is about.

A killed worker leaves its job marked as running. Its heartbeat stops, and the next worker that looks puts the job back.
A living one does so as well, if the database fails just when it should learn how the job ended; then nobody runs it.
So every kind of work must be repeatable.

Work that takes hours has places of its own: an upload never waits for a training.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Procrastinate does not type its `additional_context`.

import asyncio
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
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
_SHORT, _LASTING = "default", "lasting"
_LASTING_AT_ONCE = 2  # a training and a search; each kind runs one at a time on the whole site anyway
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
        self._app = App(connector=PsycopgConnector(conninfo=libpq_url(database_url), min_size=1, max_size=8))
        self._working = set[str]()  # names of queues
        self._running = set[int]()  # the queue's own numbers of the jobs that run in this process now
        self._workers = set[int]()  # those of this process that ever ran a job

        self._run = self._app.task(name="run_job", retry=_Again(), pass_context=True)(self._run_job)
        self._discard = self._app.task(name="discard_objects", retry=_Again(), pass_context=True)(self._discard_objects)

    async def add(self, session: AsyncSession, job: Job, *, one_at_a_time: str | None = None) -> None:
        """Add a job's row and its entry in the queue, both in the caller's transaction.

        Jobs that are added with the same `one_at_a_time` run one after the other.
        """
        assert job.kind in self._kinds, job.kind
        session.add(job)
        await session.flush()
        await self._run.configure(
            connection=await _driver_connection(session),
            lock=one_at_a_time or str(job.id),
            queue=_LASTING if self._kinds[job.kind].lasting else _SHORT,
        ).defer_async(job_id=str(job.id))

    async def discard(self, session: AsyncSession, prefix: str) -> None:
        """Delete all objects under a prefix after the commit of the caller's transaction."""
        await self._discard.configure(connection=await _driver_connection(session)).defer_async(prefix=prefix)

    @asynccontextmanager
    async def working(self, workplace: Workplace) -> AsyncGenerator[None]:
        """Work on jobs while the block lasts."""
        async with self._app.open_async():
            works = [
                self._work(workplace, _SHORT, concurrency=self._concurrency),
                self._work(workplace, _LASTING, concurrency=_LASTING_AT_ONCE),
                self._put_stalled_back(workplace),
            ]
            async with background(*works, patience_seconds=_STOP_SECONDS):
                yield

    @property
    def is_working(self) -> bool:
        """Whether the workers of this process are running."""
        return self._working == {_SHORT, _LASTING}

    async def _run_job(self, context: JobContext, job_id: str) -> None:
        workplace: Workplace = context.additional_context["workplace"]
        with self._noted(context.job):
            try:
                await run_job(UUID(job_id), self._kinds, workplace)
            except Exception as error:
                if outage_of(error) is None and context.job.attempts + 1 >= _MAX_ATTEMPTS:
                    await give_up(UUID(job_id), self._kinds, workplace)
                raise

    async def _discard_objects(self, context: JobContext, prefix: str) -> None:
        workplace: Workplace = context.additional_context["workplace"]
        with self._noted(context.job):
            await workplace.store.delete_under(prefix)

    @contextmanager
    def _noted(self, job: QueuedJob) -> Generator[None]:
        """Know that it runs here, while the block lasts."""
        assert job.id is not None
        if job.worker_id is not None:
            self._workers.add(job.worker_id)
        self._running.add(job.id)
        try:
            yield
        finally:
            self._running.discard(job.id)

    async def _work(self, workplace: Workplace, queue: str, *, concurrency: int) -> None:
        while True:
            try:
                self._working.add(queue)
                await self._app.run_worker_async(
                    queues=[queue],
                    concurrency=concurrency,
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
                self._working.discard(queue)
            await asyncio.sleep(1)  # most likely the database is down, and will come back

    async def _put_stalled_back(self, workplace: Workplace) -> None:
        manager = self._app.job_manager
        dropped = dict[int | None, QueuedJob]()
        while True:
            with suppress(Exception):  # without a database there is nothing to put back; the worker logs the error
                # Without the lock, a second backend could put the same job back while it is already running again.
                async with workplace.locks.hold([_PUTTING_BACK]):
                    stalled = [*await manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_AFTER_SECONDS)]
                    before, dropped = dropped, {job.id: job for job in await self._dropped()}
                    # One that has just ended is still marked as running: only what was so at the last look is put back.
                    stalled += [job for job_id, job in dropped.items() if job_id in before]
                    for job in stalled:
                        await manager.retry_job(job)
                        _log.info("job.put_back", job_id=job.task_kwargs.get("job_id"))
            await asyncio.sleep(_HEARTBEAT_SECONDS)

    async def _dropped(self) -> list[QueuedJob]:
        """Jobs that are marked as running in this process, and do not run here."""
        marked = [
            job
            for worker_id in self._workers
            for job in await self._app.job_manager.list_jobs_async(status="doing", worker_id=worker_id)
        ]
        return [job for job in marked if job.id not in self._running]


async def _driver_connection(session: AsyncSession) -> object:
    raw = await (await session.connection()).get_raw_connection()
    return raw.driver_connection
