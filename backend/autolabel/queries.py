"""Queries for searches for automatic masklets, and for the videos they search."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from backend.page import Page, rising
from backend.tables import Action, AutoLabeling, FrameMask, FrameState, Job, Masklet, Run, Video
from backend.tables.states import VideoState

AUTOLABEL_JOB = "autolabel"


async def auto_labeling(session: AsyncSession, auto_labeling_id: UUID) -> AutoLabeling | None:
    return await session.get(AutoLabeling, auto_labeling_id)


async def lock_auto_labeling(session: AsyncSession, auto_labeling_id: UUID) -> AutoLabeling | None:
    return await session.get(AutoLabeling, auto_labeling_id, with_for_update=True, populate_existing=True)


async def of_job(session: AsyncSession, job_id: UUID) -> tuple[AutoLabeling, Video] | None:
    found = select(AutoLabeling, Video).join(Video, Video.id == AutoLabeling.video_id)
    row = (await session.execute(found.where(AutoLabeling.job_id == job_id))).one_or_none()
    return None if row is None else (row[0], row[1])


async def with_job(session: AsyncSession, auto_labeling_id: UUID) -> tuple[AutoLabeling, Job | None] | None:
    found = select(AutoLabeling, Job).outerjoin(Job, Job.id == AutoLabeling.job_id)
    row = (await session.execute(found.where(AutoLabeling.id == auto_labeling_id))).one_or_none()
    return None if row is None else (row[0], row[1])


async def latest_of_video(session: AsyncSession, video_id: UUID) -> tuple[AutoLabeling, Job | None] | None:
    found = select(AutoLabeling, Job).outerjoin(Job, Job.id == AutoLabeling.job_id)
    newest = found.where(AutoLabeling.video_id == video_id).order_by(AutoLabeling.created_at.desc()).limit(1)
    row = (await session.execute(newest)).one_or_none()
    return None if row is None else (row[0], row[1])


async def latest_of_project(session: AsyncSession, project_id: UUID) -> Sequence[tuple[AutoLabeling, Job | None]]:
    """The latest search of each video of a project."""
    return [(labeling, job) for labeling, job in await session.execute(_latest(project_id))]


async def latest_on_page(
    session: AsyncSession, project_id: UUID, page: Page
) -> Sequence[tuple[AutoLabeling, Job | None]]:
    """A page of the latest searches of a project's videos."""
    rows = await page.rows(session, _latest(project_id), rising(AutoLabeling.video_id))
    return [(row[0], row[1]) for row in rows]


async def ready_videos(session: AsyncSession, project_id: UUID) -> Sequence[UUID]:
    """A project's ready videos in order of upload."""
    ready = select(Video.id).where(Video.project_id == project_id, Video.state == VideoState.ready)
    return (await session.scalars(ready.order_by(Video.created_at, Video.id))).all()


async def masks_on(session: AsyncSession, video_id: UUID, frame_index: int) -> Sequence[bytes]:
    """COCO counts of all visible masks on a frame, including those of rejected masklets."""
    found = (
        select(FrameMask.counts)
        .join(FrameState, (FrameState.masklet_id == FrameMask.masklet_id) & (FrameState.mask_id == FrameMask.id))
        .join(Masklet, Masklet.id == FrameState.masklet_id)
        .where(Masklet.video_id == video_id, ~Masklet.deleted, FrameState.frame_index == frame_index)
        .where(FrameMask.area > 0)
    )
    return (await session.scalars(found)).all()


async def run(session: AsyncSession, run_id: UUID) -> Run | None:
    return await session.get(Run, run_id)


async def lock_run(session: AsyncSession, run_id: UUID) -> Run | None:
    """A run, locked and reloaded."""
    return await session.get(Run, run_id, with_for_update=True, populate_existing=True)


async def lock_job(session: AsyncSession, job_id: UUID) -> Job | None:
    """A job, locked and reloaded: no worker begins it before the transaction ends."""
    return await session.get(Job, job_id, with_for_update=True, populate_existing=True)


async def is_cancelled(session: AsyncSession, auto_labeling_id: UUID) -> bool | None:
    """None if the search is gone, because its video was deleted."""
    asked = select(AutoLabeling.cancelled_at.is_not(None)).where(AutoLabeling.id == auto_labeling_id)
    return await session.scalar(asked)


async def masklets(session: AsyncSession, masklet_ids: Sequence[UUID]) -> Sequence[Masklet]:
    return (await session.scalars(select(Masklet).where(Masklet.id.in_(masklet_ids)))).all()


async def taken_up(session: AsyncSession, masklet_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these masklets whose masks a person has changed since they were found."""
    theirs = select(Action.masklet_id).where(Action.masklet_id.in_(masklet_ids), ~Action.automatic, ~Action.undone)
    return {masklet_id for masklet_id in await session.scalars(theirs.distinct()) if masklet_id is not None}


def _latest(project_id: UUID) -> Select[AutoLabeling, Job]:
    newest = (
        select(AutoLabeling.id)
        .ext(distinct_on(AutoLabeling.video_id))
        .join(Video, Video.id == AutoLabeling.video_id)
        .where(Video.project_id == project_id)
        .order_by(AutoLabeling.video_id, AutoLabeling.created_at.desc())
    )
    return select(AutoLabeling, Job).outerjoin(Job, Job.id == AutoLabeling.job_id).where(AutoLabeling.id.in_(newest))
