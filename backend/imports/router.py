"""Routes to upload a dataset, look at what it would make, import it, and take that back."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, Request

from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.permissions import Permission
from backend.auth.tenure import received_while_it_stands, standing_of
from backend.db.session import Session, ShortSessions
from backend.imports import queries, service
from backend.imports.problems import (
    ImportDone,
    ImportNotDone,
    ImportNotFound,
    ImportNotReady,
    NothingToImport,
    UnknownMatch,
)
from backend.imports.resource import IMPORT
from backend.imports.schemas import ImportDetails, ImportMatch, ImportRead, ImportStart
from backend.jobs.dependency import Queue
from backend.page import AskedPage, BadCursor
from backend.problems import IdempotencyKeyReused, MaskloomError, problems
from backend.projects.problems import ProjectNotFound
from backend.projects.resource import PROJECT
from backend.projects.service import require_project
from backend.storage.dependency import Store
from backend.storage.objects import import_prefix
from backend.videos.problems import LengthRequired, UploadCutOff
from backend.videos.uploads import BINARY_BODY, Upload, received
from backend.web.intake import BodyTooLarge

router = APIRouter(prefix="/api", tags=["imports"])


@router.post(
    "/projects/{project_id}/imports",
    status_code=202,
    responses=problems(ProjectNotFound, LengthRequired, UploadCutOff, BodyTooLarge, IdempotencyKeyReused),
    openapi_extra=BINARY_BODY,
    dependencies=[access(Permission.manage, PROJECT)],
)
async def upload_import(
    project_id: UUID, upload: Upload, request: Request, sessions: ShortSessions, store: Store, queue: Queue
) -> ImportRead:
    """Upload a dataset, a zip or a JSON document. It is read in the background, and nothing is made of it yet.

    The body is the file itself; the idempotency key becomes the import's id.
    """
    async with sessions.begin() as session:
        await require_project(session, project_id)
        if (known := await queries.imported(session, upload.id)) is not None:
            if known.project_id != project_id:
                raise IdempotencyKeyReused("Use a new Idempotency-Key for a new import.")
            return await service.read_import(session, known.id)
    standing = standing_of(request)
    chunks = received_while_it_stands(standing, request.stream())
    async with received(chunks, upload) as file:
        await standing.check()
        async with sessions.begin() as session:
            read = await service.add_import(session, project_id, file, upload, store=store, queue=queue)
            try:
                await standing.check()  # storing a large file takes a while
            except MaskloomError:
                await store.delete_under(import_prefix(project_id, upload.id))
                raise
        return read


@router.get(
    "/projects/{project_id}/imports",
    responses=problems(ProjectNotFound, BadCursor),
    dependencies=[access(Permission.manage, PROJECT)],
)
async def list_imports(project_id: UUID, session: Session, page: AskedPage) -> Sequence[ImportRead]:
    """A project's imports, newest first, in pages: the Link header names the next one."""
    return await service.list_imports(session, project_id, page)


@router.get(
    "/imports/{import_id}", responses=problems(ImportNotFound), dependencies=[access(Permission.manage, IMPORT)]
)
async def read_import(import_id: UUID, session: Session) -> ImportDetails:
    """An import with the dataset's videos: which video here is meant by each, and what becomes of it."""
    return await service.read_details(session, import_id)


@router.put(
    "/imports/{import_id}/match",
    responses=problems(ImportNotFound, ImportNotReady, UnknownMatch),
    dependencies=[access(Permission.manage, IMPORT)],
)
async def choose_import_match(import_id: UUID, body: ImportMatch, session: Session) -> ImportDetails:
    """Say which video is meant by one of the dataset's, or that none is."""
    return await service.choose_match(session, import_id, body)


@router.post(
    "/imports/{import_id}/start",
    status_code=202,
    responses=problems(ImportNotFound, ImportNotReady, NothingToImport),
    dependencies=[access(Permission.manage, IMPORT)],
)
async def start_import(import_id: UUID, body: ImportStart, actor: Actor, session: Session, queue: Queue) -> ImportRead:
    """Make the objects, in the background: all of them, or none if anything stands in the way."""
    return await service.start_import(session, import_id, body, actor_id=actor.user_id, queue=queue)


@router.post(
    "/imports/{import_id}/undo",
    responses=problems(ImportNotFound, ImportNotDone),
    dependencies=[access(Permission.manage, IMPORT)],
)
async def undo_import(import_id: UUID, actor: Actor, session: Session) -> ImportRead:
    """Take the objects back, all but those that somebody has worked on since."""
    return await service.undo_import(session, import_id, actor_id=actor.user_id)


@router.delete(
    "/imports/{import_id}",
    status_code=204,
    responses=problems(ImportNotFound, ImportDone),
    dependencies=[access(Permission.manage, IMPORT)],
)
async def delete_import(import_id: UUID, actor: Actor, session: Session, queue: Queue) -> None:
    """Stop an import, or forget one that was not written. What was imported is taken back by undo."""
    await service.delete_import(session, import_id, actor_id=actor.user_id, queue=queue)
