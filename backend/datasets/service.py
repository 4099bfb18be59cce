"""Create, list and read exports."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.audit import audit
from backend.datasets import queries
from backend.datasets.formats.registry import FORMATS
from backend.datasets.problems import (
    ExportExpired,
    ExportNotFound,
    ExportNotReady,
    OnlyAnnotatedFrames,
    UnknownFormat,
)
from backend.datasets.queries import EXPORT_JOB
from backend.datasets.schemas import ExportCreate, ExportFormatRead, ExportRead
from backend.db.engine import Sessions
from backend.jobs.queue import JobQueue
from backend.jobs.schemas import JobRead
from backend.masklets.headers import Author
from backend.page import Page
from backend.problems import IdempotencyKeyReused, Problem
from backend.projects.service import require_project
from backend.storage.objects import dataset_prefix
from backend.tables import Export, Job
from backend.tables.states import JobState


async def create_export(
    session: AsyncSession, project_id: UUID, body: ExportCreate, author: Author, *, queue: JobQueue
) -> ExportRead:
    """Queue an export. Its id is the idempotency key.

    Raises:
        ProjectNotFound: there is no such project.
        UnknownFormat: there is no format of this name.
        OnlyAnnotatedFrames: the format cannot hold every frame.
        IdempotencyKeyReused: the key belongs to another export.
    """
    await require_project(session, project_id)
    if body.format not in FORMATS:
        raise UnknownFormat(f"The formats are: {', '.join(FORMATS)}.")
    if body.every_frame and not FORMATS[body.format].every_frame:
        raise OnlyAnnotatedFrames(f"{FORMATS[body.format].title} holds annotated frames alone.")
    options = {"only_satisfactory": body.only_satisfactory, "every_frame": body.every_frame}
    if (known := await queries.export(session, author.action_id)) is not None:
        if (known.project_id, known.format, known.options) != (project_id, body.format, options):
            raise IdempotencyKeyReused("Use a new Idempotency-Key for another export.")
        return await read_export(session, known.id)
    export = Export(
        id=author.action_id, project_id=project_id, format=body.format, options=options, created_by=author.actor_id
    )
    session.add(export)
    await session.flush()
    details = {"format": body.format, **options}
    audit(
        session,
        "export.asked",
        actor_id=author.actor_id,
        project_id=project_id,
        object_id=export.id,
        details=details,
    )
    await queue.add(session, Job(kind=EXPORT_JOB, export_id=export.id, unit="frames"))
    return await read_export(session, export.id)


async def read_export(session: AsyncSession, export_id: UUID) -> ExportRead:
    found = await queries.export_with_job(session, export_id)
    if found is None:
        raise ExportNotFound
    return _read(*found)


async def list_exports(session: AsyncSession, project_id: UUID, page: Page) -> Sequence[ExportRead]:
    """List a page of a project's exports, newest first."""
    await require_project(session, project_id)
    return [_read(export, job) for export, job in await queries.exports_with_jobs(session, project_id, page)]


async def delete_export(session: AsyncSession, export_id: UUID, *, actor_id: UUID, queue: JobQueue) -> None:
    """Delete an export, also one that is still being written. Its file is deleted after the commit."""
    export = await queries.lock_export(session, export_id)
    if export is None:
        raise ExportNotFound
    await queue.discard(session, dataset_prefix(export.project_id, export.id))
    await session.delete(export)
    details = {"format": export.format}
    audit(
        session,
        "export.deleted",
        actor_id=actor_id,
        project_id=export.project_id,
        object_id=export_id,
        details=details,
    )


async def expire_exports(sessions: Sessions, *, days: int) -> None:
    """Let go of the files of datasets that are older than `days`; 0 keeps them. Their reports stay, to ask again by."""
    if days == 0:
        return
    async with sessions.begin() as session:
        for export in await queries.lock_expired_exports(session, days=days):
            export.key = None
            export.expired = True


async def dataset_key(session: AsyncSession, export_id: UUID) -> str:
    """The key of the object with the dataset.

    Raises:
        ExportNotFound: there is no such export.
        ExportNotReady: it is not finished, or it failed.
    """
    export = await queries.export(session, export_id)
    if export is None:
        raise ExportNotFound
    if export.expired:
        raise ExportExpired
    if export.key is None:
        raise ExportNotReady
    return export.key


def list_formats() -> list[ExportFormatRead]:
    return [
        ExportFormatRead(name=entry.name, title=entry.title, loses=entry.loses, every_frame=entry.every_frame)
        for entry in FORMATS.values()
    ]


def _read(export: Export, job: Job | None) -> ExportRead:
    report = export.report or {}
    done = export.key is not None
    written = done or export.expired
    return ExportRead(
        id=export.id,
        project_id=export.project_id,
        format=export.format,
        only_satisfactory=bool(export.options["only_satisfactory"]),
        every_frame=bool(export.options.get("every_frame")),
        state=JobState.done if written else job.state if job else JobState.failed,
        job=JobRead.of(job) if job else None,
        problem=Problem.model_validate(job.problem) if job and job.problem else None,
        num_videos=int(report.get("num_videos", 0)),
        num_masklets=int(report.get("num_masklets", 0)),
        size_bytes=export.size_bytes,
        report=export.report,
        download_url=f"/api/exports/{export.id}/download" if done else None,
        expired=export.expired,
        created_at=export.created_at,
    )
