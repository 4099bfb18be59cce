"""Queries for projects as one reader sees them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.authorization import InProject, allowed
from backend.auth.person import Person
from backend.auth.queries import seen_by
from backend.page import Page, falling, rising
from backend.projects.schemas import ProjectRead
from backend.tables import FrameMask, Masklet, Membership, Project, Video
from backend.tables.states import VerdictKind, VideoState


async def projects_of(session: AsyncSession, actor: Person, page: Page) -> Sequence[ProjectRead]:
    """A page of the projects that the person may see, newest first and the sample last."""
    mine = _reads(actor).where(seen_by(actor, Project.id))
    order = (rising(Project.is_sample), falling(Project.created_at), falling(Project.id))
    return [_read(row, actor) for row in await page.named_rows(session, mine, *order)]


async def project_read(session: AsyncSession, project_id: UUID, *, actor: Person) -> ProjectRead | None:
    row = (await session.execute(_reads(actor).where(Project.id == project_id))).mappings().one_or_none()
    return None if row is None else _read(row, actor)


def _read(row: RowMapping, actor: Person) -> ProjectRead:
    permissions = allowed(actor, InProject(row["id"], row["my_role"]))
    return ProjectRead.model_validate({**row, "allowed": sorted(permissions)})


async def project(session: AsyncSession, project_id: UUID) -> Project | None:
    return await session.get(Project, project_id)


async def sees(session: AsyncSession, project_id: UUID, actor: Person) -> bool:
    """Whether the person may see the project."""
    return bool(await session.scalar(select(exists().where(Project.id == project_id, seen_by(actor, Project.id)))))


async def video_ids_of(session: AsyncSession, project_id: UUID) -> Sequence[UUID]:
    return (await session.scalars(select(Video.id).where(Video.project_id == project_id))).all()


async def lock_videos_of(session: AsyncSession, project_id: UUID) -> Sequence[UUID]:
    """The ids of a project's videos, locked until the transaction ends.

    Whoever writes to a video locks it first, so that a deletion cannot meet a writer halfway.
    """
    found = select(Video.id).where(Video.project_id == project_id).order_by(Video.id)
    return (await session.scalars(found.with_for_update())).all()


async def bytes_of_masks(session: AsyncSession, project_id: UUID) -> int:
    """Bytes of the run lengths of all masks stored for a project."""
    of_project = select(func.sum(func.octet_length(FrameMask.counts))).join(Masklet, Masklet.id == FrameMask.masklet_id)
    of_project = of_project.join(Video, Video.id == Masklet.video_id).where(Video.project_id == project_id)
    return int(await session.scalar(of_project) or 0)


def _reads(actor: Person) -> Select[*tuple[Any, ...]]:
    videos = select(func.count()).where(Video.project_id == Project.id)
    masklets = (
        select(func.count())
        .select_from(Masklet)
        .join(Video, Video.id == Masklet.video_id)
        .where(Video.project_id == Project.id, Masklet.deleted.is_(False), Masklet.participant_id.is_(None))
    )
    poster = (
        select(Video.id)
        .where(Video.project_id == Project.id, Video.state == VideoState.ready)
        .order_by(Video.created_at)
        .limit(1)
    )
    role = select(Membership.role).where(Membership.project_id == Project.id, Membership.user_id == actor.user_id)
    return select(
        Project.id,
        Project.name,
        Project.stride,
        Project.long_side,
        Project.phase,
        Project.model,
        Project.select_first,
        Project.separate_verifiers,
        Project.min_edited_frames,
        Project.needs_environment,
        Project.val_percent,
        Project.test_percent,
        Project.is_sample,
        videos.scalar_subquery().label("num_videos"),
        masklets.scalar_subquery().label("num_masklets"),
        masklets.where(Masklet.verdict == VerdictKind.satisfactory).scalar_subquery().label("num_verified"),
        poster.scalar_subquery().label("poster_video_id"),
        role.scalar_subquery().label("my_role"),
        Project.created_at,
    )
