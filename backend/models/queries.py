"""Queries for the models that projects use, and for how they changed."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.person import Person
from backend.auth.queries import seen_by
from backend.models.schemas import ModelChangeRead, ModelVersionRead, ProjectOfModel
from backend.page import Page, falling
from backend.tables import ModelChange, ModelVersion, Project, User, Video


async def wanted_model(session: AsyncSession, video_id: UUID) -> str | None:
    """The model of the video's project; None is the model server's default."""
    chosen = select(Project.model).join(Video, Video.project_id == Project.id).where(Video.id == video_id)
    return await session.scalar(chosen)


async def remember_version(session: AsyncSession, version: str, name: str) -> None:
    """Store the present name of a version."""
    row = insert(ModelVersion).values(version=version, name=name)
    renamed = row.on_conflict_do_update(
        index_elements=[ModelVersion.version], set_={"name": name}, where=ModelVersion.name != name
    )
    await session.execute(renamed)


async def known_versions(session: AsyncSession, page: Page) -> Sequence[ModelVersionRead]:
    """A page of the versions that were used here, latest first."""
    known, order = select(ModelVersion), (falling(ModelVersion.created_at), falling(ModelVersion.version))
    rows = await page.rows(session, known, *order)
    return [ModelVersionRead(version=row[0].version, name=row[0].name) for row in rows]


async def projects_by_model(session: AsyncSession, actor: Person) -> dict[str | None, list[ProjectOfModel]]:
    """The person's projects by the model they chose; None for those that use the default."""
    mine = select(Project.model, Project.id, Project.name).where(seen_by(actor, Project.id))
    rows = await session.execute(mine.order_by(Project.name))
    found: dict[str | None, list[ProjectOfModel]] = defaultdict(list)
    for model, project_id, name in rows:
        found[model].append(ProjectOfModel(id=project_id, name=name))
    return found


async def model_changes(session: AsyncSession, project_id: UUID) -> Sequence[ModelChange]:
    """A project's model changes, oldest first."""
    changes = select(ModelChange).where(ModelChange.project_id == project_id)
    return (await session.scalars(changes.order_by(ModelChange.id))).all()


async def model_change_reads(session: AsyncSession, project_id: UUID) -> Sequence[ModelChangeRead]:
    """A project's model changes with their authors' names, newest first."""
    changes = select(ModelChange, User.name).join(User, User.id == ModelChange.changed_by)
    rows = await session.execute(changes.where(ModelChange.project_id == project_id).order_by(ModelChange.id.desc()))
    return [
        ModelChangeRead(
            kind=change.kind,
            before=change.before,
            after=change.after,
            by=name,
            tuning_id=change.tuning_id,
            created_at=change.created_at,
        )
        for change, name in rows
    ]
