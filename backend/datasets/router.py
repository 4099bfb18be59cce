"""Routes to list export formats, and to create, read and download exports."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.permissions import Permission
from backend.datasets import service
from backend.datasets.problems import (
    ExportExpired,
    ExportNotFound,
    ExportNotReady,
    FramesNotHeld,
    OnlyAnnotatedFrames,
    UnknownFormat,
    UnknownVideosChosen,
)
from backend.datasets.resource import EXPORT
from backend.datasets.schemas import ExportCreate, ExportFormatRead, ExportRead
from backend.db.session import Session, ShortSessions
from backend.jobs.dependency import Queue
from backend.masklets.headers import AuthorHeaders
from backend.ontology.problems import UnknownClass
from backend.page import AskedPage, BadCursor
from backend.people.sign_in.settings_dependency import SiteSettings
from backend.problems import IdempotencyKeyReused, problems
from backend.projects.problems import ProjectNotFound
from backend.projects.resource import PROJECT
from backend.storage.dependency import Store
from backend.videos.files import serve
from backend.videos.problems import RangeNotSatisfiable

router = APIRouter(prefix="/api", tags=["datasets"])


@router.get("/export-formats", dependencies=[access(Permission.view)])
async def list_export_formats() -> Sequence[ExportFormatRead]:
    """The layouts in which a dataset can be written."""
    return service.list_formats()


@router.post(
    "/projects/{project_id}/exports",
    status_code=202,
    responses=problems(
        ProjectNotFound,
        UnknownFormat,
        OnlyAnnotatedFrames,
        FramesNotHeld,
        UnknownVideosChosen,
        UnknownClass,
        IdempotencyKeyReused,
    ),
    dependencies=[access(Permission.export, PROJECT)],
)
async def create_export(
    project_id: UUID,
    body: ExportCreate,
    author: AuthorHeaders,
    session: Session,
    queue: Queue,
    settings: SiteSettings,
) -> ExportRead:
    """Export the project as a dataset, in the background."""
    days = settings.export_days
    return await service.create_export(session, project_id, body, author, queue=queue, days=days)


@router.get(
    "/projects/{project_id}/exports",
    responses=problems(ProjectNotFound, BadCursor),
    dependencies=[access(Permission.export, PROJECT)],
)
async def list_exports(
    project_id: UUID, session: Session, page: AskedPage, settings: SiteSettings
) -> Sequence[ExportRead]:
    """A project's datasets, newest first, in pages: the Link header names the next one."""
    return await service.list_exports(session, project_id, page, days=settings.export_days)


@router.get(
    "/exports/{export_id}", responses=problems(ExportNotFound), dependencies=[access(Permission.export, EXPORT)]
)
async def read_export(export_id: UUID, session: Session, settings: SiteSettings) -> ExportRead:
    return await service.read_export(session, export_id, days=settings.export_days)


@router.delete(
    "/exports/{export_id}",
    status_code=204,
    responses=problems(ExportNotFound),
    dependencies=[access(Permission.export, EXPORT)],
)
async def delete_export(export_id: UUID, actor: Actor, session: Session, queue: Queue) -> None:
    """Delete a dataset and its file, or stop writing it."""
    await service.delete_export(session, export_id, actor_id=actor.user_id, queue=queue)


@router.get(
    "/exports/{export_id}/download",
    responses=problems(ExportNotFound, ExportNotReady, ExportExpired, RangeNotSatisfiable),
    dependencies=[access(Permission.export, EXPORT)],
)
async def download_export(export_id: UUID, request: Request, sessions: ShortSessions, store: Store) -> Response:
    """The dataset as a zip, or a range of it."""
    async with sessions.begin() as session:
        key = await service.dataset_key(session, export_id)
    response = await serve(request, store, key, media_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="maskloom-{export_id.hex[:12]}.zip"'
    return response
