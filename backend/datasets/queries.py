"""Queries for exports, and for what they contain."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.datasets.formats.format import ExportedMask
from backend.page import Page, falling
from backend.tables import Export, FrameMask, FrameState, Job, Masklet, ModelVersion, Project, Video
from backend.tables.states import MADE_HERE_BY_NOBODY, JobState
from backend.videos.split import Shares

EXPORT_JOB = "export"


async def export(session: AsyncSession, export_id: UUID) -> Export | None:
    return await session.get(Export, export_id)


async def lock_export(session: AsyncSession, export_id: UUID) -> Export | None:
    """An export, locked until the transaction ends."""
    return await session.scalar(select(Export).where(Export.id == export_id).with_for_update())


async def lock_expired_exports(session: AsyncSession, *, days: int) -> Sequence[Export]:
    """The exports whose file is older than so many days, locked until the transaction ends."""
    age = func.now() - Export.created_at
    old = select(Export).where(Export.key.is_not(None), age > timedelta(days=days))
    return (await session.scalars(old.with_for_update())).all()


async def stored_files(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Collection[str] | None]:
    """The object of each of these exports that exists; None while it is being written."""
    found = select(Export.id, Export.key, Export.expired, Job.state).outerjoin(Job, Job.export_id == Export.id)
    rows = (await session.execute(found.where(Export.id.in_(ids)))).all()
    return {
        export_id: [key] if key is not None else [] if expired or state is JobState.failed else None
        for export_id, key, expired, state in rows
    }


async def export_with_job(session: AsyncSession, export_id: UUID) -> tuple[Export, Job | None] | None:
    found = select(Export, Job).outerjoin(Job, Job.export_id == Export.id).where(Export.id == export_id)
    row = (await session.execute(found.order_by(Job.created_at.desc()).limit(1))).one_or_none()
    return None if row is None else (row[0], row[1])


async def exports_with_jobs(session: AsyncSession, project_id: UUID, page: Page) -> Sequence[tuple[Export, Job | None]]:
    """A page of a project's exports with their jobs, newest first."""
    found = select(Export, Job).outerjoin(Job, Job.export_id == Export.id).where(Export.project_id == project_id)
    rows = await page.rows(session, found, falling(Export.created_at), falling(Export.id))
    return [(row[0], row[1]) for row in rows]


async def export_of_job(session: AsyncSession, job_id: UUID) -> Export | None:
    return await session.scalar(select(Export).join(Job, Job.export_id == Export.id).where(Job.id == job_id))


@dataclass(frozen=True, slots=True)
class Rules:
    """A project's name, and its rules for its exports."""

    name: str
    min_edited_frames: int
    shares: Shares


async def rules_of(session: AsyncSession, project_id: UUID) -> Rules:
    project = await session.get_one(Project, project_id)
    return Rules(project.name, project.min_edited_frames, Shares.of(project))


async def model_names(session: AsyncSession, versions: Collection[str]) -> dict[str, str]:
    """The names of those versions that have one."""
    named = select(ModelVersion.version, ModelVersion.name).where(ModelVersion.version.in_(versions))
    return {row.version: row.name for row in await session.execute(named)}


async def videos_of(
    session: AsyncSession, project_id: UUID, *, chosen: Collection[UUID] | None = None
) -> Sequence[Video]:
    """A project's videos, or those of them that were chosen, in order of upload."""
    found = select(Video).where(Video.project_id == project_id)
    if chosen is not None:
        found = found.where(Video.id.in_(chosen))
    return (await session.scalars(found.order_by(Video.created_at, Video.id))).all()


async def num_videos_of(session: AsyncSession, project_id: UUID, *, chosen: Collection[UUID]) -> int:
    """How many of these are videos of the project."""
    counted = select(func.count()).select_from(Video).where(Video.project_id == project_id, Video.id.in_(chosen))
    return await session.scalar(counted) or 0


async def masklets_of(session: AsyncSession, video_id: UUID) -> Sequence[Masklet]:
    """A video's masklets outside studies that are not deleted, by number."""
    present = select(Masklet).where(Masklet.video_id == video_id, ~Masklet.deleted, Masklet.participant_id.is_(None))
    return (await session.scalars(present.order_by(Masklet.number))).all()


async def video_values(session: AsyncSession, video_id: UUID) -> dict[str, Any]:
    """What is said of a video and of its frames; nothing, if it was deleted meanwhile."""
    return await session.scalar(select(Video.attributes).where(Video.id == video_id)) or {}


@dataclass(slots=True)
class CurrentMasks:
    """A masklet's masks by frame index, the frames on which a person prompted or drew, and the models' versions.

    `changed_at` is when the newest of the masks was made; None if there is none.
    """

    masks: dict[int, ExportedMask] = field(default_factory=dict[int, ExportedMask])
    touched: set[int] = field(default_factory=set[int])
    models: set[str] = field(default_factory=set[str])
    changed_at: datetime | None = None


async def current_masks(session: AsyncSession, video_id: UUID, masklet_ids: Sequence[UUID]) -> dict[UUID, CurrentMasks]:
    """The masks of each of these masklets of a video, in order of frames."""
    current = (
        select(
            FrameState.masklet_id,
            FrameState.frame_index,
            FrameMask.counts,
            FrameMask.area,
            FrameMask.source,
            FrameMask.stability,
            FrameState.prompt_set_id.is_not(None),
            FrameMask.model_version,
            FrameMask.created_at,
        )
        .join(FrameMask, (FrameMask.masklet_id == FrameState.masklet_id) & (FrameMask.id == FrameState.mask_id))
        # By its masklets alone, Postgres would read the states of the whole site for every video.
        .where(FrameState.video_id == video_id, FrameState.masklet_id.in_(masklet_ids))
        .order_by(FrameState.masklet_id, FrameState.frame_index)
    )
    found = {masklet_id: CurrentMasks() for masklet_id in masklet_ids}
    rows = await session.execute(current)
    for masklet_id, frame_index, counts, area, source, stability, prompted, model, created_at in rows:
        of_masklet = found[masklet_id]
        of_masklet.changed_at = max(of_masklet.changed_at or created_at, created_at)
        of_masklet.masks[frame_index] = ExportedMask(counts, area, source, stability)
        if prompted or source not in MADE_HERE_BY_NOBODY:
            of_masklet.touched.add(frame_index)
        if model is not None:
            of_masklet.models.add(model)
    return found
