"""Queries for imports, and for the videos and objects they are about."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.page import Page, falling
from backend.tables import Action, ImportedDataset, Job, Masklet, Run, Verdict, Video
from backend.tables.states import ImportState

IMPORT_JOB = "import"


async def imported(session: AsyncSession, import_id: UUID) -> ImportedDataset | None:
    return await session.get(ImportedDataset, import_id)


async def lock_import(session: AsyncSession, import_id: UUID) -> ImportedDataset | None:
    """An import, locked and reloaded. Masklets of it can still be written meanwhile."""
    found = select(ImportedDataset).where(ImportedDataset.id == import_id)
    return await session.scalar(found.with_for_update(key_share=True).execution_options(populate_existing=True))


async def import_of_job(session: AsyncSession, job_id: UUID) -> ImportedDataset | None:
    found = select(ImportedDataset).join(Job, Job.import_id == ImportedDataset.id)
    return await session.scalar(found.where(Job.id == job_id))


async def is_cancelled(session: AsyncSession, import_id: UUID) -> bool | None:
    """None if the import is gone."""
    asked = select(ImportedDataset.cancelled_at.is_not(None)).where(ImportedDataset.id == import_id)
    return await session.scalar(asked)


_LATEST = aliased(Job)
_WITH_JOB = select(ImportedDataset, Job).outerjoin(
    Job,
    Job.id
    == select(_LATEST.id)
    .where(_LATEST.import_id == ImportedDataset.id)
    .order_by(_LATEST.created_at.desc())
    .limit(1)
    .correlate(ImportedDataset)
    .scalar_subquery(),
)


async def import_with_job(session: AsyncSession, import_id: UUID) -> tuple[ImportedDataset, Job | None] | None:
    """An import with its latest job."""
    row = (await session.execute(_WITH_JOB.where(ImportedDataset.id == import_id))).one_or_none()
    return None if row is None else (row[0], row[1])


async def imports_with_jobs(
    session: AsyncSession, project_id: UUID, page: Page
) -> Sequence[tuple[ImportedDataset, Job | None]]:
    """A page of a project's imports with their latest jobs, newest first."""
    found = _WITH_JOB.where(ImportedDataset.project_id == project_id)
    rows = await page.rows(session, found, falling(ImportedDataset.created_at), falling(ImportedDataset.id))
    return [(row[0], row[1]) for row in rows]


async def stored_files(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Collection[str] | None]:
    """The objects of each of these imports that exists; None while they are being made."""
    found = select(
        ImportedDataset.id, ImportedDataset.state, ImportedDataset.source_key, ImportedDataset.content_key
    ).where(ImportedDataset.id.in_(ids))
    return {
        import_id: None if state is ImportState.received else [key for key in keys if key is not None]
        for import_id, state, *keys in await session.execute(found)
    }


async def lock_expired(session: AsyncSession, *, days: int) -> Sequence[ImportedDataset]:
    """Imports that nobody has decided on for so many days, and those that failed so long ago, locked."""
    waiting = ImportedDataset.state.in_([ImportState.ready, ImportState.failed])
    old = select(ImportedDataset).where(waiting, func.now() - ImportedDataset.created_at > timedelta(days=days))
    return (await session.scalars(old.with_for_update(key_share=True))).all()


async def videos_of(session: AsyncSession, project_id: UUID) -> Sequence[Video]:
    """A project's videos, in order of upload."""
    found = select(Video).where(Video.project_id == project_id)
    return (await session.scalars(found.order_by(Video.created_at, Video.id))).all()


async def present_videos(session: AsyncSession, video_ids: Collection[UUID]) -> Sequence[UUID]:
    """Those of these videos that are still there, in the order in which they are locked."""
    return (await session.scalars(select(Video.id).where(Video.id.in_(video_ids)).order_by(Video.id))).all()


async def num_objects(session: AsyncSession, video_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many objects outside studies each of these videos has; those without any are left out."""
    present = select(Masklet.video_id, func.count()).where(Masklet.video_id.in_(video_ids))
    counted = present.where(~Masklet.deleted, Masklet.participant_id.is_(None)).group_by(Masklet.video_id)
    return {row[0]: row[1] for row in await session.execute(counted)}


async def masklets_of(session: AsyncSession, import_id: UUID) -> Sequence[Masklet]:
    """The masklets that an import made and nobody deleted, by video."""
    found = select(Masklet).where(Masklet.import_id == import_id, ~Masklet.deleted)
    return (await session.scalars(found.order_by(Masklet.video_id, Masklet.number))).all()


async def worked_on(session: AsyncSession, import_id: UUID) -> set[UUID]:
    """Masklets of an import that somebody has changed, propagated or judged since."""
    mine = select(Masklet.id).where(Masklet.import_id == import_id)
    videos = select(Masklet.video_id).where(Masklet.import_id == import_id)
    runs = select(func.unnest(Run.masklet_ids)).join(Action, Action.id == Run.action_id)
    runs = runs.where(Run.video_id.in_(videos), ~Action.automatic, ~Action.undone)
    changed = select(Action.masklet_id).where(Action.masklet_id.in_(mine), ~Action.automatic, ~Action.undone)
    judged = select(Verdict.masklet_id).where(Verdict.masklet_id.in_(mine), ~Verdict.withdrawn)
    touched = or_(Masklet.id.in_(changed), Masklet.id.in_(runs), Masklet.id.in_(judged))
    return set(await session.scalars(select(Masklet.id).where(Masklet.import_id == import_id, touched)))
