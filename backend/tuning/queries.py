"""Queries for tunings, and for the verified videos they train on."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.page import Page, falling
from backend.tables import Job, Masklet, Project, Tuning, User, Video
from backend.tables.states import JobState, VerdictKind, VideoState
from backend.tuning.split import VerifiedVideo

TUNING_JOB = "tuning"
_UNFINISHED = (JobState.queued, JobState.running)


async def tuning(session: AsyncSession, tuning_id: UUID, *, lock: bool = False) -> Tuning | None:
    return await session.get(Tuning, tuning_id, with_for_update=lock or None)


async def tuning_with_job(session: AsyncSession, tuning_id: UUID) -> tuple[Tuning, Job, User] | None:
    row = (await session.execute(_with_jobs().where(Tuning.id == tuning_id))).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


async def tunings_with_jobs(session: AsyncSession, project_id: UUID, page: Page) -> Sequence[tuple[Tuning, Job, User]]:
    """A page of a project's tunings with their jobs and authors, newest first."""
    found = _with_jobs().where(Tuning.project_id == project_id)
    rows = await page.rows(session, found, falling(Tuning.created_at), falling(Tuning.id))
    return [(row[0], row[1], row[2]) for row in rows]


async def tuning_of_job(session: AsyncSession, job_id: UUID) -> Tuning | None:
    return await session.scalar(select(Tuning).join(Job, Job.tuning_id == Tuning.id).where(Job.id == job_id))


async def stored_files(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Collection[str] | None]:
    """These tunings as far as their work is under way, which keeps everything in their folders."""
    found = select(Tuning.id).join(Job, Job.tuning_id == Tuning.id)
    rows = await session.scalars(found.where(Tuning.id.in_(ids), Job.state.in_(_UNFINISHED)))
    return dict.fromkeys(rows)


async def is_wanted(session: AsyncSession, tuning_id: UUID) -> bool:
    """Whether a tuning still exists and was not cancelled."""
    wanted = select(Tuning.id).where(Tuning.id == tuning_id, Tuning.cancelled_at.is_(None))
    return await session.scalar(wanted) is not None


async def lock_project(session: AsyncSession, project_id: UUID) -> None:
    """Lock a project, so that starting tunings and changing its model happen one after the other."""
    await session.execute(select(Project.id).where(Project.id == project_id).with_for_update())


async def has_active(session: AsyncSession, project_id: UUID) -> bool:
    active = select(Tuning.id).join(Job, Job.tuning_id == Tuning.id)
    active = active.where(Tuning.project_id == project_id, Tuning.cancelled_at.is_(None), Job.state.in_(_UNFINISHED))
    return await session.scalar(active.limit(1)) is not None


async def names_in_use(session: AsyncSession) -> set[str]:
    """Names of the models that unfinished tunings will make."""
    active = select(Tuning.name).join(Job, Job.tuning_id == Tuning.id)
    active = active.where(Tuning.cancelled_at.is_(None), Job.state.in_(_UNFINISHED))
    return set(await session.scalars(active))


async def verified_videos(session: AsyncSession, project_id: UUID) -> Sequence[VerifiedVideo]:
    """A project's videos with satisfactory masklets, in order of upload."""
    count = func.count(Masklet.id)
    found = (
        select(Video.id, Video.name, func.coalesce(Video.source_sha256, Video.proxy_sha256), count)
        .join(Masklet, Masklet.video_id == Video.id)
        .where(*_verified(project_id))
        .group_by(Video.id)
        .order_by(Video.created_at, Video.id)
    )
    rows = await session.execute(found)
    return [VerifiedVideo(key, name, source or str(key), masklets) for key, name, source, masklets in rows]


async def videos_by_id(session: AsyncSession, video_ids: Sequence[UUID]) -> Sequence[Video]:
    """Which of these videos still exist, in order of upload."""
    found = select(Video).where(Video.id.in_(video_ids), Video.state == VideoState.ready)
    return (await session.scalars(found.order_by(Video.created_at, Video.id))).all()


async def ever_held_out(session: AsyncSession, project_id: UUID) -> set[UUID]:
    """Videos that were held out in a finished tuning of the project."""
    lists = await session.scalars(
        select(Tuning.held_out).where(Tuning.project_id == project_id, Tuning.version.is_not(None))
    )
    return {UUID(key) for keys in lists for key in keys}


async def latest_pace(session: AsyncSession, base_model: str) -> float | None:
    """Total seconds per step of the last finished tuning of this base model; None if there is none."""
    seconds = func.extract("epoch", Job.finished_at - Job.started_at)
    done = select(seconds / Tuning.num_steps).join(Job, Job.tuning_id == Tuning.id)
    done = done.where(Tuning.base_model == base_model, Tuning.version.is_not(None))
    pace = await session.scalar(done.order_by(Job.finished_at.desc()).limit(1))
    return None if pace is None else float(pace)


def _with_jobs() -> Select[Tuning, Job, User]:
    jobs = select(Tuning, Job, User).join(Job, Job.tuning_id == Tuning.id)
    return jobs.join(User, User.id == Tuning.created_by)


def _verified(project_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        Video.project_id == project_id,
        Video.state == VideoState.ready,
        ~Masklet.deleted,
        Masklet.verdict == VerdictKind.satisfactory,
    )
