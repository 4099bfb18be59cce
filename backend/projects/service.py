"""Create, change and delete projects."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.audit import audit
from backend.auth.person import Person
from backend.jobs.queue import JobQueue
from backend.models.change import Change, set_model
from backend.problems import IdempotencyKeyReused
from backend.projects import queries
from backend.projects.problems import ProjectNotFound, SharesTooLarge
from backend.projects.schemas import DiskUse, ProjectCreate, ProjectRead, ProjectUpdate
from backend.storage.objects import ObjectStore, export_prefix, imports_prefix, video_prefix
from backend.tables import Membership, Project
from backend.tables.states import ModelChangeKind, Role


async def create_project(session: AsyncSession, body: ProjectCreate, *, project_id: UUID, actor: Person) -> ProjectRead:
    """Create a project under an id that the client chose. Repeating the request is harmless.

    Its creator becomes a manager.

    Raises:
        IdempotencyKeyReused: the id belongs to another project.
    """
    known = await queries.project(session, project_id)
    if known is None:
        session.add(Project(id=project_id, created_by=actor.user_id, **body.model_dump()))
        await session.flush()
        session.add(Membership(project_id=project_id, user_id=actor.user_id, role=Role.manager))
        await session.flush()
    elif not await _repeats(session, known, body, actor):
        raise IdempotencyKeyReused
    return await read_project(session, project_id, actor=actor)


async def _repeats(session: AsyncSession, project: Project, body: ProjectCreate, actor: Person) -> bool:
    """Whether this is how the project was made, by somebody who is still in it: others learn nothing of it."""
    asked = {name: getattr(project, name) for name in ProjectCreate.model_fields}
    return (
        project.created_by == actor.user_id
        and asked == body.model_dump()
        and await queries.sees(session, project.id, actor)
    )


async def read_project(session: AsyncSession, project_id: UUID, *, actor: Person) -> ProjectRead:
    project = await queries.project_read(session, project_id, actor=actor)
    if project is None:
        raise ProjectNotFound
    return project


async def require_project(session: AsyncSession, project_id: UUID) -> Project:
    project = await queries.project(session, project_id)
    if project is None:
        raise ProjectNotFound
    return project


async def update_project(session: AsyncSession, project_id: UUID, body: ProjectUpdate, *, actor: Person) -> ProjectRead:
    project = await require_project(session, project_id)
    for name, value in body.model_dump(exclude_unset=True, exclude={"model"}).items():
        if value is not None:
            setattr(project, name, value)
    if "model" in body.model_fields_set:
        set_model(session, project, Change(ModelChangeKind.chosen, body.model, actor.user_id))
    if project.val_percent + project.test_percent > 100:
        raise SharesTooLarge("val and test together are at most 100 percent.")
    await session.flush()
    return await read_project(session, project_id, actor=actor)


async def read_disk_use(session: AsyncSession, project_id: UUID, store: ObjectStore) -> DiskUse:
    """Add up what a project takes: its files by their sizes, its masks by those of their run lengths."""
    await require_project(session, project_id)
    videos = [video_prefix(video_id) for video_id in await queries.video_ids_of(session, project_id)]
    files = await store.sizes_under(videos)
    exports = await store.sizes_under([export_prefix(project_id)])
    uploads = files.pop("source", 0)
    masks = await queries.bytes_of_masks(session, project_id)
    return DiskUse(videos=sum(files.values()), uploads=uploads, exports=sum(exports.values()), masks=masks)


async def delete_project(session: AsyncSession, project_id: UUID, *, actor: Person, queue: JobQueue) -> None:
    """Delete a project with everything in it. Its files are deleted after the commit."""
    project = await require_project(session, project_id)
    for video_id in await queries.lock_videos_of(session, project_id):
        await queue.discard(session, video_prefix(video_id))
    await queue.discard(session, export_prefix(project_id))
    await queue.discard(session, imports_prefix(project_id))
    await session.delete(project)
    details = {"name": project.name}
    audit(session, "project.deleted", actor_id=actor.user_id, project_id=project_id, details=details)
