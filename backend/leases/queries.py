"""Queries for the tasks that somebody holds, and for who may do them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from backend.auth.permissions import Permission, roles_with
from backend.auth.queries import has_role
from backend.leases.lease import Lease
from backend.tables import Masklet, Task, User, Video
from backend.tables.states import TaskKind, TaskState

NEEDED = {
    TaskKind.select: Permission.annotate,
    TaskKind.annotate: Permission.annotate,
    TaskKind.refine: Permission.annotate,
    TaskKind.verify: Permission.verify,
}
"""The permission in the project that each kind of task needs."""


def held_by_somebody(video_id: UUID | BindParameter[UUID]) -> Select[Task, bool]:
    """A video's claimed tasks, each with whether its lease is live, locked so that nobody claims them meanwhile."""
    return (
        select(Task, (Task.lease_until > func.clock_timestamp()).label("live"))
        .where(Task.video_id == video_id, Task.state == TaskState.claimed)
        .order_by(Task.id)
        .with_for_update(of=Task, read=True)
        .execution_options(populate_existing=True)
    )


async def held_tasks(session: AsyncSession, video_id: UUID) -> Sequence[tuple[Task, bool]]:
    return [(task, live) for task, live in await session.execute(held_by_somebody(video_id))]


async def held_task(session: AsyncSession, video_id: UUID, lease: Lease | None) -> Task | None:
    """The claimed task of a lease that was checked."""
    if lease is None:
        return None
    return next((task for task, _live in await held_tasks(session, video_id) if task.id == lease.task_id), None)


async def user_name(session: AsyncSession, user_id: UUID | None) -> str | None:
    return await session.scalar(select(User.name).where(User.id == user_id))


def may_do(
    user_id: UUID | InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None],
    kind: TaskKind | InstrumentedAttribute[TaskKind],
    project_id: UUID | InstrumentedAttribute[UUID],
) -> ColumnElement[bool]:
    """A WHERE condition: the person may do tasks of this kind in the project, by their present role."""
    return has_role(
        user_id,
        project_id,
        lambda role: or_(*(and_(_same(kind, each), role.in_(roles_with(NEEDED[each]))) for each in TaskKind)),
    )


async def release_tasks(session: AsyncSession, user_id: UUID) -> int:
    """Give back the unfinished tasks that a person holds, or that wait for them, and may no longer do.

    Anybody may claim them then; only a part of a study stays its participant's. Returns their number.
    """
    unfit = (
        select(Task.id)
        .join(Video, Video.id == Task.video_id)
        .where(Task.assignee_id == user_id, Task.state != TaskState.done, ~may_do(user_id, Task.kind, Video.project_id))
        .order_by(Task.id)
        .with_for_update(of=Task)
    )
    ids = (await session.scalars(unfit)).all()
    of_study = exists().where(Masklet.id == Task.masklet_id, Masklet.participant_id == user_id)
    released = (
        update(Task)
        .where(Task.id.in_(ids))
        .values(
            state=TaskState.open,
            assignee_id=case((of_study, user_id), else_=None),
            lease_until=None,
            reserved_until=None,
            epoch=Task.epoch + 1,  # a late write under the lease is rejected
        )
        .execution_options(synchronize_session=False)
    )
    await session.execute(released)
    return len(ids)


def _same(kind: TaskKind | InstrumentedAttribute[TaskKind], each: TaskKind) -> ColumnElement[bool]:
    if isinstance(kind, TaskKind):
        return true() if kind is each else false()
    return kind == each
