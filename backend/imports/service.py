"""Add, look at, start, stop and take back imports."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.audit import audit
from backend.db.engine import Sessions
from backend.imports import queries
from backend.imports.imported_masklets import take_back
from backend.imports.job import matches_of, wanted_of
from backend.imports.ontology_matches import AttributeMatch, ClassMatch, OntologyMatch, match_ontology
from backend.imports.problems import (
    ImportDone,
    ImportNotDone,
    ImportNotFound,
    ImportNotReady,
    NothingToImport,
    UnknownMatch,
)
from backend.imports.queries import IMPORT_JOB
from backend.imports.schemas import (
    ImportAttributeRead,
    ImportClassRead,
    ImportDetails,
    ImportMatch,
    ImportRead,
    ImportStart,
    ImportVideoRead,
)
from backend.imports.survey import Survey
from backend.imports.video_matches import VideoMatch
from backend.jobs.queue import JobQueue
from backend.jobs.schemas import JobRead
from backend.ontology.service import read_ontology
from backend.page import Page
from backend.problems import Problem
from backend.projects.service import require_project
from backend.storage.objects import ObjectStore, import_key, import_prefix
from backend.tables import ImportedDataset, Job
from backend.tables.states import ImportState
from backend.videos.uploads import Announced, ReceivedFile


async def add_import(
    session: AsyncSession,
    project_id: UUID,
    file: ReceivedFile,
    upload: Announced,
    *,
    store: ObjectStore,
    queue: JobQueue,
) -> ImportRead:
    """Store the received file and queue its reading, in one transaction."""
    await require_project(session, project_id)
    imported = ImportedDataset(
        id=upload.id,
        project_id=project_id,
        file_name=upload.name,
        size_bytes=file.num_bytes,
        sha256=file.sha256,
        source_key=import_key(project_id, upload.id, file.sha256, "source"),
        created_by=upload.actor_id,
    )
    session.add(imported)
    await session.flush()
    assert imported.source_key is not None
    await store.put(imported.source_key, file.path)
    _note(session, imported, "import.asked", upload.actor_id, {"bytes": file.num_bytes})
    await queue.add(session, Job(kind=IMPORT_JOB, import_id=imported.id, unit="percent"))
    return await read_import(session, imported.id)


async def read_import(session: AsyncSession, import_id: UUID) -> ImportRead:
    return _read(*await _with_job(session, import_id))


async def read_details(session: AsyncSession, import_id: UUID) -> ImportDetails:
    """An import with what becomes of the dataset's videos, as things stand now."""
    imported, job = await _with_job(session, import_id)
    read = _read(imported, job)
    if imported.survey is None:
        return ImportDetails(**read.model_dump(), videos=[], classes=[], attributes=[])
    survey = Survey.model_validate(imported.survey)
    matches = await matches_of(session, imported, survey)
    written = {each["key"]: UUID(each["video_id"]) for each in (imported.report or {}).get("videos", [])}
    if imported.report is not None:
        matches = [_as_written(match, written) for match in matches if match.found.key in written]
    here = await queries.num_objects(session, [match.video.id for match in matches if match.video is not None])
    terms = OntologyMatch()
    if imported.report is None:
        known = (await read_ontology(session, imported.project_id)).ontology
        terms = match_ontology(survey.ontology, known, wanted_of(matches))
    return ImportDetails(
        **read.model_dump(),
        videos=[_video_read(match, here) for match in matches],
        classes=[_class_read(each) for each in terms.classes],
        attributes=[_attribute_read(each) for each in terms.attributes],
    )


async def list_imports(session: AsyncSession, project_id: UUID, page: Page) -> Sequence[ImportRead]:
    """List a page of a project's imports, newest first."""
    await require_project(session, project_id)
    return [_read(imported, job) for imported, job in await queries.imports_with_jobs(session, project_id, page)]


async def choose_match(session: AsyncSession, import_id: UUID, body: ImportMatch) -> ImportDetails:
    """Say which video is meant by one of the dataset's.

    Raises:
        ImportNotFound, ImportNotReady: there is no such import, or it does not wait for a decision.
        UnknownMatch: the dataset or the project has no such video.
    """
    imported = await _ready(session, import_id)
    survey = Survey.model_validate(imported.survey)
    if body.key not in {video.key for video in survey.videos}:
        raise UnknownMatch("The dataset has no such video.")
    if body.video_id is not None:
        videos = await queries.videos_of(session, imported.project_id)
        if body.video_id not in {video.id for video in videos}:
            raise UnknownMatch("The project has no such video.")
    video_id = None if body.video_id is None else str(body.video_id)
    imported.matches = imported.matches | {body.key: video_id}
    await session.flush()
    return await read_details(session, import_id)


async def start_import(
    session: AsyncSession, import_id: UUID, body: ImportStart, *, actor_id: UUID, queue: JobQueue
) -> ImportRead:
    """Queue the writing of what the preview shows. Asked again while it is written, it does nothing.

    Raises:
        ImportNotFound, ImportNotReady: there is no such import, or it does not wait for a decision.
        NothingToImport: no video is matched.
    """
    imported = await queries.lock_import(session, import_id)
    if imported is not None and imported.state is ImportState.writing:
        return await read_import(session, import_id)
    imported = await _ready(session, import_id)
    matches = await matches_of(session, imported, Survey.model_validate(imported.survey))
    if all(match.fault is not None for match in matches):
        raise NothingToImport
    imported.state, imported.options = ImportState.writing, body.model_dump()
    imported.created_by = actor_id
    _note(session, imported, "import.started", actor_id, body.model_dump())
    await queue.add(session, Job(kind=IMPORT_JOB, import_id=imported.id, unit="objects"))
    return await read_import(session, import_id)


async def undo_import(session: AsyncSession, import_id: UUID, *, actor_id: UUID) -> ImportRead:
    """Take an import's objects back, all but those that somebody has worked on since.

    Raises:
        ImportNotFound, ImportNotDone: there is no such import, or nothing of it is there.
    """
    imported = await queries.lock_import(session, import_id)
    if imported is None:
        raise ImportNotFound
    if imported.state is ImportState.undone:
        return await read_import(session, import_id)  # a repeated request
    if imported.state is not ImportState.done:
        raise ImportNotDone
    kept = await take_back(session, imported)
    imported.state, imported.report = ImportState.undone, (imported.report or {}) | {"num_kept": kept}
    _note(session, imported, "import.undone", actor_id, {"num_kept": kept})
    await session.flush()
    return await read_import(session, import_id)


async def delete_import(session: AsyncSession, import_id: UUID, *, actor_id: UUID, queue: JobQueue) -> None:
    """Stop an import, or forget one that was not written. Its files go after the commit.

    Raises:
        ImportNotFound, ImportDone: there is no such import, or it has made its objects.
    """
    imported = await queries.lock_import(session, import_id)
    if imported is None:
        raise ImportNotFound
    if imported.state in (ImportState.done, ImportState.undone):
        raise ImportDone
    _note(session, imported, "import.deleted", actor_id, {})
    if imported.state is ImportState.writing:
        imported.cancelled_at = datetime.now(UTC)  # the job ends it, and takes with it what it has written
        return
    await queue.discard(session, import_prefix(imported.project_id, imported.id))
    await session.delete(imported)


async def expire_imports(sessions: Sessions, *, days: int) -> None:
    """Forget imports that nobody decided on for so many days, and those that failed so long ago; 0 keeps them."""
    if days == 0:
        return
    async with sessions.begin() as session:
        for imported in await queries.lock_expired(session, days=days):
            await session.delete(imported)  # the sweep takes its files


async def _with_job(session: AsyncSession, import_id: UUID) -> tuple[ImportedDataset, Job | None]:
    await session.flush()
    found = await queries.import_with_job(session, import_id)
    if found is None:
        raise ImportNotFound
    return found


async def _ready(session: AsyncSession, import_id: UUID) -> ImportedDataset:
    imported = await queries.lock_import(session, import_id)
    if imported is None:
        raise ImportNotFound
    if imported.state is not ImportState.ready:
        raise ImportNotReady
    return imported


def _note(
    session: AsyncSession, imported: ImportedDataset, action: str, actor_id: UUID, details: Mapping[str, Any]
) -> None:
    audit(
        session,
        action,
        actor_id=actor_id,
        project_id=imported.project_id,
        object_id=imported.id,
        details={"file": imported.file_name, **details},
    )


def _read(imported: ImportedDataset, job: Job | None) -> ImportRead:
    survey = Survey.model_validate(imported.survey) if imported.survey else None
    videos = survey.videos if survey else []
    report = imported.report or {}
    return ImportRead(
        id=imported.id,
        project_id=imported.project_id,
        file_name=imported.file_name,
        size_bytes=imported.size_bytes,
        format=imported.format,
        title=survey.title if survey else None,
        state=imported.state,
        job=JobRead.of(job) if job else None,
        problem=Problem.model_validate(job.problem) if job and job.problem else None,
        num_videos=len(videos),
        num_objects=sum(video.num_objects for video in videos),
        num_masks=sum(video.num_masks for video in videos),
        num_made=int(report.get("num_objects", 0)),
        num_kept=int(report.get("num_kept", 0)),
        num_classes_made=int(report.get("num_classes_made", 0)),
        num_attributes_made=int(report.get("num_attributes_made", 0)),
        num_without_class=int(report.get("num_without_class", 0)),
        num_values_left_out=int(report.get("num_values_left_out", 0)),
        created_at=imported.created_at,
    )


def _as_written(match: VideoMatch, written: Mapping[str, UUID]) -> VideoMatch:
    """What was written stands, whatever the videos are called by now."""
    if match.video is not None and match.video.id == written[match.found.key]:
        match.fault = None
        return match
    return VideoMatch(match.found, fault="the video was deleted since")


def _video_read(match: VideoMatch, here: Mapping[UUID, int]) -> ImportVideoRead:
    found, video = match.found, match.video
    return ImportVideoRead(
        key=found.key,
        name=found.names[0] if found.names else found.key,
        num_objects=found.num_objects,
        num_masks=found.num_masks,
        num_frames=len(found.numbers()),
        num_never_visible=found.num_never_visible,
        objects=found.objects,
        video_id=None if video is None else video.id,
        video_name=None if video is None else video.name,
        matched_by=match.by,
        num_objects_here=0 if video is None else here.get(video.id, 0),
        keeps_values=video is not None and bool(video.attributes) and found.num_own_values > 0,
        fault=match.fault,
    )


def _class_read(match: ClassMatch) -> ImportClassRead:
    found, here = match.found, match.here
    return ImportClassRead(
        name=found.name,
        color=found.color if here is None else here.color,
        num_objects=match.num_objects,
        class_id=None if here is None else here.id,
        class_name=None if here is None else here.name,
        fault=match.fault,
    )


def _attribute_read(match: AttributeMatch) -> ImportAttributeRead:
    found, here = match.found, match.here
    return ImportAttributeRead(
        name=found.name,
        scope=found.scope,
        kind=found.kind,
        num_values=match.num_values,
        attribute_id=None if here is None else here.id,
        attribute_name=None if here is None else here.name,
        new_choices=[choice.name for choice in match.new_choices],
        fault=match.fault,
    )
