"""Create, list and read exports."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.audit import audit
from backend.datasets import queries
from backend.datasets.descriptions import require_classes
from backend.datasets.formats.format import Overlaps
from backend.datasets.formats.registry import FORMATS
from backend.datasets.problems import (
    ExportExpired,
    ExportNotFound,
    ExportNotReady,
    FramesNotHeld,
    OnlyAnnotatedFrames,
    UnknownFormat,
    UnknownVideosChosen,
)
from backend.datasets.queries import EXPORT_JOB
from backend.datasets.schemas import ExportChoices, ExportCreate, ExportFormatRead, ExportRead
from backend.db.engine import Sessions
from backend.jobs.queue import JobQueue
from backend.jobs.schemas import JobRead
from backend.masklets.headers import Author
from backend.ontology.service import read_ontology
from backend.page import Page
from backend.problems import IdempotencyKeyReused, Problem
from backend.projects.service import require_project
from backend.storage.objects import dataset_prefix
from backend.tables import Export, Job
from backend.tables.states import JobState


async def create_export(
    session: AsyncSession, project_id: UUID, body: ExportCreate, author: Author, *, queue: JobQueue, days: int
) -> ExportRead:
    """Queue an export. Its id is the idempotency key. Files are kept for so many days; 0: for ever.

    Raises:
        ProjectNotFound: there is no such project.
        UnknownFormat: there is no format of this name.
        OnlyAnnotatedFrames: the format cannot hold every frame.
        FramesNotHeld: it cannot hold frames in this way.
        UnknownVideosChosen: the project lacks a video that was chosen.
        UnknownClass: its ontology lacks a class that was chosen.
        IdempotencyKeyReused: the key belongs to another export.
    """
    await require_project(session, project_id)
    choices = _settled(body)
    if (known := await queries.export(session, author.action_id)) is not None:
        asked = ExportChoices.model_validate(known.options)
        if (known.project_id, known.format, asked) != (project_id, body.format, choices):
            raise IdempotencyKeyReused("Use a new Idempotency-Key for another export.")
        return await read_export(session, known.id, days=days)
    await _require_videos(session, project_id, choices)
    require_classes((await read_ontology(session, project_id)).ontology, choices.classes)
    options = choices.model_dump(mode="json")
    export = Export(
        id=author.action_id, project_id=project_id, format=body.format, options=options, created_by=author.actor_id
    )
    session.add(export)
    await session.flush()
    # Lists as long as these two would make the trail unreadable.
    counts = {"num_chosen_videos": _count(choices.video_ids), "num_chosen_classes": _count(choices.classes)}
    details = {"format": body.format, **options, "video_ids": None, "classes": None, **counts}
    audit(
        session,
        "export.asked",
        actor_id=author.actor_id,
        project_id=project_id,
        object_id=export.id,
        details=details,
    )
    await queue.add(session, Job(kind=EXPORT_JOB, export_id=export.id, unit="frames"))
    return await read_export(session, export.id, days=days)


async def read_export(session: AsyncSession, export_id: UUID, *, days: int) -> ExportRead:
    found = await queries.export_with_job(session, export_id)
    if found is None:
        raise ExportNotFound
    return _read(*found, days=days)


async def list_exports(session: AsyncSession, project_id: UUID, page: Page, *, days: int) -> Sequence[ExportRead]:
    """List a page of a project's exports, newest first."""
    await require_project(session, project_id)
    return [_read(export, job, days=days) for export, job in await queries.exports_with_jobs(session, project_id, page)]


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
        ExportFormatRead(
            name=entry.name,
            title=entry.title,
            loses=entry.loses,
            every_frame=entry.every_frame,
            frames=entry.frames,
            holds_overlaps=entry.holds_overlaps,
        )
        for entry in FORMATS.values()
    ]


def _settled(body: ExportCreate) -> ExportChoices:
    """The choices with what is usual in the format in place of null, so that they say what will be done."""
    form = FORMATS.get(body.format)
    if form is None:
        raise UnknownFormat(f"The formats are: {', '.join(FORMATS)}.")
    if body.every_frame and not form.every_frame:
        raise OnlyAnnotatedFrames(f"{form.title} holds annotated frames alone.")
    frames = body.frames or form.frames[0]
    if frames not in form.frames:
        raise FramesNotHeld(f"{form.title} holds frames as: {', '.join(form.frames)}.")
    choices = ExportChoices.model_validate(body.model_dump(exclude={"format"}))
    choices.frames = frames
    choices.overlaps = None if form.holds_overlaps else body.overlaps or Overlaps.later_on_top
    return choices


def _count(chosen: Sequence[object] | None) -> int | None:
    return None if chosen is None else len(chosen)


async def _require_videos(session: AsyncSession, project_id: UUID, choices: ExportChoices) -> None:
    chosen = set(choices.video_ids or ())
    if chosen and await queries.num_videos_of(session, project_id, chosen=chosen) < len(chosen):
        raise UnknownVideosChosen


def _read(export: Export, job: Job | None, *, days: int) -> ExportRead:
    report = export.report or {}
    done = export.key is not None
    written = done or export.expired
    return ExportRead(
        id=export.id,
        project_id=export.project_id,
        format=export.format,
        **ExportChoices.model_validate(export.options).model_dump(),
        state=JobState.done if written else job.state if job else JobState.failed,
        job=JobRead.of(job) if job else None,
        problem=Problem.model_validate(job.problem) if job and job.problem else None,
        num_videos=int(report.get("num_videos", 0)),
        num_masklets=int(report.get("num_masklets", 0)),
        size_bytes=export.size_bytes,
        report=export.report,
        download_url=f"/api/exports/{export.id}/download" if done else None,
        expired=export.expired,
        expires_at=export.created_at + timedelta(days=days) if done and days else None,
        created_at=export.created_at,
    )
