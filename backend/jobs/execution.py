"""Run a job, and store how it ended."""

from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

import structlog
from sqlalchemy import func, update
from sqlalchemy.exc import SQLAlchemyError

from backend.jobs import queries
from backend.jobs.context import JobContext, JobKind, JobWithdrawn, ProblemBody, Workplace
from backend.outage import outage_of
from backend.problems import MaskloomError, problem_body
from backend.tables import Job
from backend.tables.states import JobState

_log = structlog.get_logger()


async def run_job(job_id: UUID, kinds: Mapping[str, JobKind], workplace: Workplace) -> None:
    """Run a job, unless it has ended or is gone. A `MaskloomError` of its work is stored as the job's problem.

    A lock keeps it to one worker at a time: a job is put back when its worker falls silent, and that worker may be slow
    rather than dead.
    """
    async with workplace.locks.hold([job_id]):
        await _run(job_id, kinds, workplace)


async def _run(job_id: UUID, kinds: Mapping[str, JobKind], workplace: Workplace) -> None:
    async with workplace.sessions.begin() as session:
        job = await queries.lock_unfinished_job(session, job_id)
        if job is None:
            return
        job.state = JobState.running
        job.started_at = func.now()
        job.done = 0
        kind = job.kind
    with structlog.contextvars.bound_contextvars(job_id=str(job_id), kind=kind):
        try:
            await kinds[kind].work(JobContext(job_id, workplace))
        except JobWithdrawn:
            _log.info("job.withdrawn")
        except Exception as error:
            if (outage := outage_of(error)) is not None:
                _log.warning("job.waits", problem=outage.slug)
                await _say(job_id, workplace, f"{outage.title}. The work goes on by itself afterwards.")
                raise
            if not isinstance(error, MaskloomError):
                raise
            _log.info("job.refused", detail=error.detail)
            await _fail(job_id, kinds, workplace, error.body())
        else:
            await _finish(job_id, workplace)


async def give_up(job_id: UUID, kinds: Mapping[str, JobKind], workplace: Workplace) -> None:
    """Mark a job as failed after an unexpected error in its last attempt."""
    detail = "The server failed at this several times. Its log says how."
    await _fail(job_id, kinds, workplace, problem_body(500, "job-failed", "The work failed", detail))


async def _say(job_id: UUID, workplace: Workplace, message: str) -> None:
    """Show people why the work waits, if the database can take even that."""
    with suppress(SQLAlchemyError):
        async with workplace.sessions.begin() as session:
            await session.execute(update(Job).where(Job.id == job_id).values(message=message))


async def _finish(job_id: UUID, workplace: Workplace) -> None:
    async with workplace.sessions.begin() as session:
        await session.execute(
            update(Job)
            .where(Job.id == job_id, Job.state.in_(queries.UNFINISHED))
            .values(state=JobState.done, finished_at=func.now())
        )


async def _fail(job_id: UUID, kinds: Mapping[str, JobKind], workplace: Workplace, problem: ProblemBody) -> None:
    async with workplace.sessions.begin() as session:
        job = await queries.lock_unfinished_job(session, job_id)
        if job is None:
            return
        job.state = JobState.failed
        job.problem = problem
        job.message = problem["detail"]
        job.finished_at = func.now()
        on_failure = kinds[job.kind].on_failure
        if on_failure is not None:
            await on_failure(session, job, problem, workplace)
