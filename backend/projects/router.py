from collections.abc import Sequence
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Header

from backend.auth.actor import Actor
from backend.db.session import Session
from backend.jobs.dependency import Queue
from backend.problems import problems
from backend.projects import queries, service
from backend.projects.schemas import ProjectCreate, ProjectRead, ProjectUpdate
from backend.projects.service import IdempotencyKeyReused, ProjectNotFound

router = APIRouter(prefix="/api/projects", tags=["projects"])


@router.get("")
async def list_projects(session: Session) -> Sequence[ProjectRead]:
    """Every project, newest first, the sample last."""
    return await queries.all_projects(session)


@router.post("", status_code=201, responses=problems(IdempotencyKeyReused))
async def create_project(
    body: ProjectCreate, session: Session, actor: Actor, idempotency_key: Annotated[UUID | None, Header()] = None
) -> ProjectRead:
    """Create a project; the idempotency key becomes its id."""
    return await service.create_project(session, body, project_id=idempotency_key or uuid4(), actor=actor)


@router.get("/{project_id}", responses=problems(ProjectNotFound))
async def read_project(project_id: UUID, session: Session) -> ProjectRead:
    return await service.read_project(session, project_id)


@router.patch("/{project_id}", responses=problems(ProjectNotFound))
async def update_project(project_id: UUID, body: ProjectUpdate, session: Session) -> ProjectRead:
    """Rename a project or change its rules for videos to come."""
    return await service.update_project(session, project_id, body)


@router.delete("/{project_id}", status_code=204, responses=problems(ProjectNotFound))
async def delete_project(project_id: UUID, session: Session, queue: Queue) -> None:
    """Delete a project with its videos, masklets and files."""
    await service.delete_project(session, project_id, queue=queue)
