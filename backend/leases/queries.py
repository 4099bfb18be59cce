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
from sqlalchemy.orm import InstrumentedAttribute, aliased

from backend.auth.permissions import ALLOWED, Permission
from backend.leases.lease import Lease
from backend.tables import Masklet, Membership, Task, User, Video
from backend.tables.states import Role, TaskKind, TaskState
from backend.tables.user import LOCAL_OWNER_ID

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
    person, member = aliased(User), aliased(Membership)  # the query may have tables of people itself
    fits = or_(*(and_(_same(kind, each), member.role.in_(_roles(each))) for each in TaskKind))
    by_role = exists().where(member.project_id == project_id, member.user_id == user_id, fits).correlate_except(member)
    # Until the machine's owner has an account, they work locally, where everything is theirs.
    needs_no_role = or_(person.is_admin, and_(person.id == LOCAL_OWNER_ID, person.login.is_(None)))
    able = exists().where(person.id == user_id, ~person.disabled, or_(needs_no_role, by_role))
    return able.correlate_except(person)


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


def _roles(kind: TaskKind) -> list[Role]:
    return [role for role, permissions in ALLOWED.items() if NEEDED[kind] in permissions]
