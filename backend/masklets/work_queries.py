"""Queries for the work on a masklet: the tasks that carry it on, and what actions took from it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.masklets.course import WHOLE_VIDEO
from backend.tables import Action, FrameState, Masklet, Task, WorkChange
from backend.tables.states import TaskKind, TaskOutcome, TaskState, WorkState


async def unfinished_tasks(session: AsyncSession, masklet_id: UUID) -> Sequence[Task]:
    """The unfinished tasks about one masklet, oldest first, locked."""
    found = select(Task).where(Task.masklet_id == masklet_id, Task.state != TaskState.done)
    return (await session.scalars(found.order_by(Task.created_at, Task.id).with_for_update())).all()


async def unfinished_video_task(session: AsyncSession, video_id: UUID) -> Task | None:
    """An unfinished task about all objects of a video."""
    found = select(Task).where(Task.video_id == video_id, Task.kind.in_(WHOLE_VIDEO), Task.masklet_id.is_(None))
    unfinished = found.where(Task.state != TaskState.done).order_by(Task.created_at, Task.id).limit(1)
    return (await session.scalars(unfinished)).first()


async def idle_follow_up(session: AsyncSession, video_id: UUID) -> Task | None:
    """An unclaimed annotate task of a video whose first was submitted and where nothing is being annotated; locked."""
    common = (Masklet.video_id == video_id) & Masklet.participant_id.is_(None)
    of_video = (Task.video_id == video_id) & Task.masklet_id.is_(None) & (Task.kind == TaskKind.annotate)
    ended = select(func.count()).where(of_video, Task.outcome == TaskOutcome.submitted).scalar_subquery()
    busy = exists().where(common, ~Masklet.deleted, Masklet.work == WorkState.annotating)
    idle = select(Task).where(of_video, Task.state == TaskState.open, ended > 0, ~busy)
    return (await session.scalars(idle.limit(1).with_for_update())).first()


async def work_changes(session: AsyncSession, action_id: UUID) -> dict[UUID, WorkChange]:
    """What an action took from masklets, by masklet."""
    found = await session.scalars(select(WorkChange).where(WorkChange.action_id == action_id))
    return {change.masklet_id: change for change in found}


async def last_order(session: AsyncSession, video_id: UUID) -> int:
    """The position of the latest action in a video's history; 0 if there is none."""
    return await session.scalar(select(func.max(Action.order)).where(Action.video_id == video_id)) or 0


async def seal_annotating(session: AsyncSession, video_id: UUID, order: int) -> None:
    """Let undo stop at this position of the history for all that is being annotated, deleted or not."""
    unsubmitted = (Masklet.video_id == video_id) & (Masklet.work == WorkState.annotating)
    sealed = update(Masklet).where(unsubmitted, Masklet.participant_id.is_(None)).values(sealed_order=order)
    await session.execute(sealed)


async def annotating(session: AsyncSession, video_id: UUID) -> Sequence[tuple[Masklet, bool]]:
    """A video's masklets that are being annotated, by number, each with whether it has a mask or a prompt."""
    filled = exists().where(
        FrameState.masklet_id == Masklet.id,
        FrameState.mask_id.is_not(None) | FrameState.prompt_set_id.is_not(None),
    )
    found = select(Masklet, filled).where(
        Masklet.video_id == video_id,
        Masklet.participant_id.is_(None),
        Masklet.work == WorkState.annotating,
        ~Masklet.deleted,
    )
    return [(row[0], row[1]) for row in await session.execute(found.order_by(Masklet.number))]
