from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.jobs.queue import JobQueue
from backend.problems import MaskloomError, NotFound
from backend.projects import queries
from backend.projects.schemas import ProjectCreate, ProjectRead, ProjectUpdate
from backend.storage.objects import export_prefix, video_prefix
from backend.tables import Project


class ProjectNotFound(NotFound):
    """There is no such project, or no longer."""

    slug = "project-not-found"


class IdempotencyKeyReused(MaskloomError):
    """The idempotency key was used before, with another body."""

    status = 409
    title = "Idempotency key reused"
    slug = "idempotency-key-reused"


async def create_project(session: AsyncSession, body: ProjectCreate, *, project_id: UUID, actor: UUID) -> ProjectRead:
    """Create it under an id the client chose; asked twice with the same body, it is created once."""
    known = await queries.project(session, project_id)
    if known is None:
        session.add(Project(id=project_id, created_by=actor, **body.model_dump()))
        await session.flush()
    elif {name: getattr(known, name) for name in ProjectCreate.model_fields} != body.model_dump():
        raise IdempotencyKeyReused
    return await read_project(session, project_id)


async def read_project(session: AsyncSession, project_id: UUID) -> ProjectRead:
    project = await queries.project_read(session, project_id)
    if project is None:
        raise ProjectNotFound
    return project


async def require_project(session: AsyncSession, project_id: UUID) -> Project:
    project = await queries.project(session, project_id)
    if project is None:
        raise ProjectNotFound
    return project


async def update_project(session: AsyncSession, project_id: UUID, body: ProjectUpdate) -> ProjectRead:
    project = await require_project(session, project_id)
    for name, value in body.model_dump(exclude_unset=True).items():
        if value is not None or name == "model":
            setattr(project, name, value)
    await session.flush()
    return await read_project(session, project_id)


async def delete_project(session: AsyncSession, project_id: UUID, *, queue: JobQueue) -> None:
    """Delete it with everything in it; the files follow as soon as this is committed."""
    project = await require_project(session, project_id)
    for video_id in await queries.video_ids_of(session, project_id):
        await queue.discard(session, video_prefix(video_id))
    await queue.discard(session, export_prefix(project_id))
    await session.delete(project)
