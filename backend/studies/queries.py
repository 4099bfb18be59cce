"""Queries for studies, their arms, and the objects and people to choose from."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.page import Page, falling
from backend.studies.schemas import ArmRead, ObjectChoice, PersonChoice, StudyRead
from backend.tables import FrameMask, FrameState, Masklet, Membership, Study, StudyArm, Task, User, Video
from backend.tables.states import MaskSource, Role, TaskState

_CURRENT = and_(FrameMask.masklet_id == FrameState.masklet_id, FrameMask.id == FrameState.mask_id)
_DRAWN = FrameMask.source.not_in((MaskSource.propagated, MaskSource.imported))


async def study(session: AsyncSession, study_id: UUID, *, lock: bool = False) -> Study | None:
    found = select(Study).where(Study.id == study_id)
    return await session.scalar(found.with_for_update(key_share=True) if lock else found)


async def study_reads(session: AsyncSession, project_id: UUID, page: Page) -> Sequence[StudyRead]:
    """A page of a project's studies, newest first."""
    found = _studies().where(Study.project_id == project_id)
    rows = await page.named_rows(session, found, falling(Study.created_at), falling(Study.id))
    return [StudyRead.model_validate(dict(row)) for row in rows]


async def study_read(session: AsyncSession, study_id: UUID) -> StudyRead | None:
    row = (await session.execute(_studies().where(Study.id == study_id))).mappings().one_or_none()
    return None if row is None else StudyRead.model_validate(dict(row))


async def arms(session: AsyncSession, study_id: UUID) -> Sequence[StudyArm]:
    """A study's arms, person by person in working order."""
    found = select(StudyArm).where(StudyArm.study_id == study_id).order_by(StudyArm.user_id, StudyArm.position)
    return (await session.scalars(found)).all()


async def arm_reads(session: AsyncSession, study_id: UUID) -> Sequence[ArmRead]:
    """A study's arms with their progress, person by person in working order."""
    known = (
        select(func.count())
        .select_from(FrameState)
        .where(FrameState.masklet_id == StudyArm.masklet_id, FrameState.mask_id.is_not(None))
        .where(FrameState.frame_index % Video.stride == 0)
        .correlate(StudyArm, Video)
        .scalar_subquery()
    )
    found = (
        select(
            StudyArm.user_id,
            User.name.label("user_name"),
            StudyArm.selected_id,
            Masklet.name.label("selected_name"),
            Masklet.video_id,
            Video.name.label("video_name"),
            StudyArm.phase,
            StudyArm.position,
            StudyArm.masklet_id,
            Task.state.label("task_state"),
            known.label("num_frames"),
        )
        .join(User, User.id == StudyArm.user_id)
        .join(Masklet, Masklet.id == StudyArm.selected_id)
        .join(Video, Video.id == Masklet.video_id)
        .outerjoin(Task, Task.masklet_id == StudyArm.masklet_id)
        .where(StudyArm.study_id == study_id)
        .order_by(User.name, StudyArm.user_id, StudyArm.position)
    )
    return [ArmRead.model_validate(dict(row)) for row in (await session.execute(found)).mappings()]


async def selectable(session: AsyncSession, project_id: UUID) -> Sequence[ObjectChoice]:
    """Masklets outside any study that have a mask made by a person, by video and number."""
    drawn = exists().where(FrameState.masklet_id == Masklet.id, _CURRENT, _DRAWN, FrameMask.area > 0)
    found = (
        select(Masklet.id.label("masklet_id"), Masklet.name, Video.name.label("video_name"))
        .join(Video, Video.id == Masklet.video_id)
        .where(Video.project_id == project_id, Video.rejected_reason.is_(None))
        .where(~Masklet.deleted, Masklet.participant_id.is_(None), drawn)
        .order_by(Video.created_at, Video.id, Masklet.number)
    )
    return [ObjectChoice.model_validate(dict(row)) for row in (await session.execute(found)).mappings()]


async def people(session: AsyncSession, project_id: UUID) -> Sequence[PersonChoice]:
    """Members of the project who may annotate, by name."""
    found = (
        select(User.id.label("user_id"), User.name)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.project_id == project_id, Membership.role.in_([Role.annotator, Role.manager]))
        .order_by(User.name, User.id)
    )
    return [PersonChoice.model_validate(dict(row)) for row in (await session.execute(found)).mappings()]


async def masklets(session: AsyncSession, masklet_ids: Collection[UUID]) -> dict[UUID, Masklet]:
    found = await session.scalars(select(Masklet).where(Masklet.id.in_(masklet_ids)))
    return {masklet.id: masklet for masklet in found}


async def first_drawn(session: AsyncSession, masklet_id: UUID) -> FrameMask | None:
    """The mask by which the object was selected: the one on the earliest frame that was not propagated."""
    found = (
        select(FrameMask)
        .join(FrameState, _CURRENT)
        .where(FrameState.masklet_id == masklet_id, FrameMask.masklet_id == masklet_id, _DRAWN, FrameMask.area > 0)
    )
    return (await session.scalars(found.order_by(FrameState.frame_index).limit(1))).first()


async def open_tasks(session: AsyncSession, study_id: UUID) -> Sequence[Task]:
    """The unfinished tasks of a study's arms, locked."""
    of_study = select(StudyArm.masklet_id).where(StudyArm.study_id == study_id)
    found = select(Task).where(Task.masklet_id.in_(of_study), Task.state != TaskState.done).order_by(Task.id)
    return (await session.scalars(found.with_for_update(key_share=True))).all()


def _studies() -> Select[*tuple[Any, ...]]:
    arm, task = aliased(StudyArm), aliased(Task)
    num_arms = select(func.count()).where(arm.study_id == Study.id).scalar_subquery()
    done = (
        select(func.count())
        .select_from(arm)
        .join(task, task.masklet_id == arm.masklet_id)
        .where(arm.study_id == Study.id, task.state == TaskState.done)
    )
    return select(
        Study.id,
        Study.project_id,
        Study.name,
        Study.state,
        Study.created_at,
        Study.started_at,
        Study.finished_at,
        done.scalar_subquery().label("num_done"),
        num_arms.label("num_arms"),
    )
