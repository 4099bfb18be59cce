"""Queries for jobs."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.tables import Job
from backend.tables.states import JobState

UNFINISHED = (JobState.queued, JobState.running)


async def lock_unfinished_job(session: AsyncSession, job_id: UUID) -> Job | None:
    """A job, locked; None if it has ended or is gone."""
    job = await session.scalar(select(Job).where(Job.id == job_id).with_for_update())
    return None if job is None or job.state not in UNFINISHED else job
