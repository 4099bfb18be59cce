"""Routes to create, read, change and delete projects."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Header

from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.permissions import Permission
from backend.db.session import Autocommit, Session
from backend.jobs.dependency import Queue
from backend.model_client.dependency import Client
from backend.model_client.problems import ModelServerUnavailable
from backend.models.model_change import MODEL_CHANGE
from backend.models.problems import UnknownModel
from backend.models.service import require_model
from backend.page import AskedPage, BadCursor
from backend.problems import IdempotencyKeyReused, problems
from backend.projects import queries, service
from backend.projects.problems import ProjectNotFound, SharesTooLarge
from backend.projects.resource import PROJECT
from backend.projects.schemas import DiskUse, ProjectCreate, ProjectRead, ProjectUpdate
from backend.storage.dependency import Store

router = APIRouter(prefix="/api/projects", tags=["projects"])
_MODEL_ERRORS = (UnknownModel, ModelServerUnavailable)


@router.get("", responses=problems(BadCursor), dependencies=[access(Permission.view)])
async def list_projects(session: Autocommit, actor: Actor, page: AskedPage) -> Sequence[ProjectRead]:
    """Your projects, newest first and the sample last, in pages: the Link header names the next one.

    Administrators see all projects.
    """
    return await queries.projects_of(session, actor, page)


@router.post(
    "",
    status_code=201,
    responses=problems(IdempotencyKeyReused, *_MODEL_ERRORS),
    dependencies=[access(Permission.create)],
)
async def create_project(
    body: ProjectCreate,
    session: Session,
    actor: Actor,
    client: Client,
    idempotency_key: Annotated[UUID | None, Header()] = None,
) -> ProjectRead:
    """Create a project. The idempotency key becomes its id."""
    if body.model is not None:
        await require_model(client, body.model)
    return await service.create_project(session, body, project_id=idempotency_key or uuid4(), actor=actor)


@router.get("/{project_id}", responses=problems(ProjectNotFound), dependencies=[access(Permission.view, PROJECT)])
async def read_project(project_id: UUID, session: Autocommit, actor: Actor) -> ProjectRead:
    return await service.read_project(session, project_id, actor=actor)


@router.get(
    "/{project_id}/disk-use", responses=problems(ProjectNotFound), dependencies=[access(Permission.manage, PROJECT)]
)
async def read_disk_use(project_id: UUID, session: Session, store: Store) -> DiskUse:
    """What the project's videos, uploads, exports and masks take, in bytes."""
    return await service.read_disk_use(session, project_id, store)


@router.patch(
    "/{project_id}",
    responses=problems(ProjectNotFound, SharesTooLarge, *_MODEL_ERRORS),
    dependencies=[access(Permission.manage, PROJECT), MODEL_CHANGE],
)
async def update_project(
    project_id: UUID, body: ProjectUpdate, session: Session, actor: Actor, client: Client
) -> ProjectRead:
    """Rename a project, change its rules for future videos, or change its model, from the next prompt on."""
    if body.model is not None:
        await require_model(client, body.model)
    return await service.update_project(session, project_id, body, actor=actor)


@router.delete(
    "/{project_id}",
    status_code=204,
    responses=problems(ProjectNotFound),
    dependencies=[access(Permission.manage, PROJECT)],
)
async def delete_project(project_id: UUID, session: Session, actor: Actor, queue: Queue) -> None:
    """Delete a project with its videos, masklets and files."""
    await service.delete_project(session, project_id, actor=actor, queue=queue)
