from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.projects.schemas import ProjectRead
from backend.tables import Masklet, Project, Video
from backend.tables.states import VerdictKind, VideoState


async def all_projects(session: AsyncSession) -> Sequence[ProjectRead]:
    """Newest first, the sample last."""
    rows = await session.execute(_reads().order_by(Project.is_sample, Project.created_at.desc()))
    return [ProjectRead.model_validate(row._mapping) for row in rows]


async def project_read(session: AsyncSession, project_id: UUID) -> ProjectRead | None:
    row = (await session.execute(_reads().where(Project.id == project_id))).one_or_none()
    return None if row is None else ProjectRead.model_validate(row._mapping)


async def project(session: AsyncSession, project_id: UUID) -> Project | None:
    return await session.get(Project, project_id)


async def video_ids_of(session: AsyncSession, project_id: UUID) -> Sequence[UUID]:
    return (await session.scalars(select(Video.id).where(Video.project_id == project_id))).all()


def _reads() -> Select[*tuple[Any, ...]]:
    videos = select(func.count()).where(Video.project_id == Project.id)
    masklets = (
        select(func.count())
        .select_from(Masklet)
        .join(Video, Video.id == Masklet.video_id)
        .where(Video.project_id == Project.id, Masklet.deleted.is_(False))
    )
    poster = (
        select(Video.id)
        .where(Video.project_id == Project.id, Video.state == VideoState.ready)
        .order_by(Video.created_at)
        .limit(1)
    )
    return select(
        Project.id,
        Project.name,
        Project.stride,
        Project.long_side,
        Project.phase,
        Project.model,
        Project.is_sample,
        videos.scalar_subquery().label("num_videos"),
        masklets.scalar_subquery().label("num_masklets"),
        masklets.where(Masklet.verdict == VerdictKind.satisfactory).scalar_subquery().label("num_verified"),
        poster.scalar_subquery().label("poster_video_id"),
        Project.created_at,
    )
