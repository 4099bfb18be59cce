"""Queries for tasks: which ones a person may claim, and the statements that lease them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.leases.queries import may_do
from backend.page import Page, SortingKey, falling, rising
from backend.tables import FrameState, Masklet, Membership, Project, Run, Study, StudyArm, Task, User, Verdict, Video
from backend.tables.states import Role, RunState, StudyState, TaskKind, TaskState, VideoState
from backend.tasks.own_work_queries import judges_own, keeps_assignee
from backend.tasks.schemas import TaskRead

_NOW = func.clock_timestamp()  # the database's present time, not the start of the transaction
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_LIVE = and_(Task.state == TaskState.claimed, Task.lease_until > _NOW)


def claimable(user_id: UUID) -> ColumnElement[bool]:
    """Whether a person may claim a task now, as a condition on tasks joined with their video and project.

    Whether their role lets them do tasks of its kind is for the caller to check.
    """
    free = or_(Task.state == TaskState.open, and_(Task.state == TaskState.claimed, Task.lease_until <= _NOW))
    for_them = or_(
        Task.assignee_id.is_(None),
        Task.assignee_id == user_id,
        Task.state == TaskState.claimed,
        Task.reserved_until <= _NOW,
        ~keeps_assignee(),
    )
    own_work = and_(Task.kind == TaskKind.verify, judges_own(user_id, Task.masklet_id))
    about = aliased(Masklet)  # Masklet itself may be joined already
    others = exists().where(about.id == Task.masklet_id, about.participant_id != user_id)
    takes_part = _common() & _studied_by(user_id)
    ready = Video.state == VideoState.ready
    return and_(free, for_them, ~own_work, ~others, ~takes_part, ready, ~hidden(), ~_carried())


def hidden() -> ColumnElement[bool]:
    """Whether an unfinished task has nothing to work on: its object is deleted, its video failed or was rejected."""
    about = aliased(Masklet)
    deleted = exists().where(about.id == Task.masklet_id, about.deleted)
    no_video = or_(Video.state == VideoState.failed, Video.rejected_reason.is_not(None))
    return and_(Task.state != TaskState.done, or_(deleted, no_video))


def _carried() -> ColumnElement[bool]:
    """Whether the object of a verify task is being propagated, so that nobody can judge it yet."""
    running = exists().where(
        Run.video_id == Task.video_id,
        Run.state.in_([RunState.queued, RunState.running]),
        Task.masklet_id == func.any(Run.masklet_ids),
    )
    return and_(Task.kind == TaskKind.verify, running)


def _judged_before(user_id: UUID) -> ColumnElement[bool]:
    """Whether a task asks for a verdict that contests one of this person's: another verifier comes first."""
    theirs = exists().where(Verdict.masklet_id == Task.masklet_id, Verdict.verifier_id == user_id)
    return and_(Task.kind == TaskKind.verify, Task.reason.is_not(None), theirs)


async def claim(
    session: AsyncSession, which: ColumnElement[bool], *, user_id: UUID, lease: timedelta
) -> tuple[UUID, int] | None:
    """Lease the first free task and return its id and new epoch. Concurrent claims skip each other's tasks."""
    best = (
        select(Task.id)
        .join(Video, Video.id == Task.video_id)
        .join(Project, Project.id == Video.project_id)
        .where(which, claimable(user_id))
        .order_by(
            (Task.assignee_id == user_id).desc().nulls_last(),
            _judged_before(user_id),
            Task.priority.desc(),
            Task.created_at,
            Task.position,
            Task.id,
        )
        .limit(1)
        .with_for_update(of=Task, skip_locked=True)
    )
    taken = (
        update(Task)
        .where(Task.id == best.scalar_subquery())
        .values(
            state=TaskState.claimed,
            assignee_id=user_id,
            reserved_until=None,
            lease_until=_NOW + lease,
            epoch=Task.epoch + 1,
        )
        .returning(Task.id, Task.epoch)
        .execution_options(synchronize_session=False)
    )
    row = (await session.execute(taken)).one_or_none()
    return None if row is None else (row[0], row[1])


async def renew(session: AsyncSession, task_id: UUID, *, user_id: UUID, epoch: int, lease: timedelta) -> bool:
    """Extend a lease; False if the person no longer holds it under this epoch."""
    held = (Task.id == task_id) & (Task.state == TaskState.claimed)
    renewed = (
        update(Task)
        .where(held, Task.assignee_id == user_id, Task.epoch == epoch)
        .values(lease_until=_NOW + lease)
        .returning(Task.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.scalar(renewed)) is not None


async def task(session: AsyncSession, task_id: UUID, *, lock: bool = False) -> Task | None:
    found = select(Task).where(Task.id == task_id).execution_options(populate_existing=True)
    return await session.scalar(found.with_for_update(key_share=True) if lock else found)


async def participant(session: AsyncSession, task: Task) -> UUID | None:
    """The participant whose part of a study the task is, if any."""
    return await session.scalar(select(Masklet.participant_id).where(Masklet.id == task.masklet_id))


@dataclass(frozen=True, slots=True)
class Claimant:
    """A person, and the kinds of tasks that they may do in a project."""

    user_id: UUID
    kinds: Collection[TaskKind]


async def reads(
    session: AsyncSession, which: ColumnElement[bool], *, limit: int = 1000, claimant: Claimant | None = None
) -> Sequence[TaskRead]:
    """Open and claimed tasks in the order in which the claimant would get them, then finished ones, latest first.

    Without a claimant, none is marked as theirs to claim.
    """
    order = (key.column.desc() if key.falls else key.column for key in _order(claimant))
    found = await session.execute(_reads(which, claimant).order_by(*order).limit(limit))
    return [TaskRead.model_validate(dict(row)) for row in found.mappings()]


async def reads_on_page(
    session: AsyncSession, which: ColumnElement[bool], page: Page, *, claimant: Claimant
) -> Sequence[TaskRead]:
    """A page of these tasks, in the same order."""
    rows = await page.named_rows(session, _reads(which, claimant), *_order(claimant))
    return [TaskRead.model_validate(dict(row)) for row in rows]


def _order(claimant: Claimant | None) -> tuple[SortingKey, ...]:
    viewer_id = None if claimant is None else claimant.user_id
    return (
        rising(Task.state == TaskState.done),
        falling(func.coalesce(Task.finished_at, _LONG_AGO)),
        falling(func.coalesce(Task.assignee_id == viewer_id, false())),
        falling(Task.priority),
        rising(Task.created_at),
        rising(Task.position),
        rising(Task.id),
    )


def _reads(which: ColumnElement[bool], claimant: Claimant | None) -> Select[*tuple[Any, ...]]:
    person = aliased(User)
    theirs = false() if claimant is None else Task.kind.in_(claimant.kinds) & claimable(claimant.user_id)
    theirs = func.coalesce(theirs, false())  # times that are not set compare as unknown
    state = case((and_(Task.state == TaskState.claimed, ~_LIVE), TaskState.open.value), else_=Task.state)
    return (
        select(
            Task.id,
            Video.project_id,
            Task.video_id,
            Video.name.label("video_name"),
            Task.masklet_id,
            Masklet.number.label("masklet_number"),
            Masklet.name.label("masklet_name"),
            Task.kind,
            Task.phase,
            state.label("state"),
            Task.priority,
            Task.assignee_id,
            person.name.label("assignee_name"),
            Task.reserved_until,
            case((_LIVE, Task.lease_until)).label("lease_until"),
            Task.epoch,
            theirs.label("claimable"),
            _carried().label("carried"),
            Task.frame_index,
            Task.outcome,
            Task.reason,
            Task.finished_at,
            Task.created_at,
        )
        .join(Video, Video.id == Task.video_id)
        .join(Project, Project.id == Video.project_id)
        .outerjoin(Masklet, Masklet.id == Task.masklet_id)
        .outerjoin(person, person.id == Task.assignee_id)
        .where(which)
    )


def of_project(project_id: UUID) -> ColumnElement[bool]:
    return Video.project_id == project_id


def open_to(user_id: UUID) -> ColumnElement[bool]:
    """Whether a person may see a task: not another participant's part of a study, nor, during a study, common work."""
    return or_(_common() & ~_studied_by(user_id), Masklet.participant_id == user_id)


def _common() -> ColumnElement[bool]:
    """Whether a task is about a video, or about a masklet that is nobody's part of a study."""
    about = aliased(Masklet)  # Masklet itself may be joined already
    return ~exists().where(about.id == Task.masklet_id, about.participant_id.is_not(None))


def _studied_by(user_id: UUID) -> ColumnElement[bool]:
    """Whether the video has the person's part of a running study; they see nothing else of that video."""
    copy = aliased(Masklet)
    return exists().where(
        StudyArm.user_id == user_id,
        StudyArm.masklet_id == copy.id,
        copy.video_id == Task.video_id,
        Study.id == StudyArm.study_id,
        Study.state == StudyState.running,
    )


def returned_to(user_id: UUID) -> ColumnElement[bool]:
    """Whether a task is work that was sent back to a person who may still do it."""
    theirs = and_(Task.kind == TaskKind.refine, Task.assignee_id == user_id, Task.state != TaskState.done)
    return and_(theirs, keeps_assignee(), ~hidden(), open_to(user_id))


def held_by(user_id: UUID) -> ColumnElement[bool]:
    """Whether a person holds a lease that has not expired."""
    return and_(_LIVE, Task.assignee_id == user_id)


def held_by_others(user_id: UUID) -> ColumnElement[bool]:
    return and_(_LIVE, Task.assignee_id != user_id)


async def has_masks(session: AsyncSession, video_id: UUID, masklet_id: UUID | None = None) -> bool:
    """Whether a masklet, or any outside studies of a video, has a mask."""
    has_mask = exists().where(FrameState.masklet_id == Masklet.id, FrameState.mask_id.is_not(None))
    found = select(Masklet.id).where(Masklet.video_id == video_id, ~Masklet.deleted, has_mask)
    which = Masklet.participant_id.is_(None) if masklet_id is None else Masklet.id == masklet_id
    return (await session.scalars(found.where(which).limit(1))).first() is not None


async def masklet(session: AsyncSession, masklet_id: UUID) -> Masklet:
    return await session.get_one(Masklet, masklet_id)


async def would_judge_own(session: AsyncSession, task_id: UUID, user_id: UUID) -> bool:
    """Whether a task would let a person judge their own work, in a project that forbids it."""
    found = (
        select(Task.id)
        .join(Video, Video.id == Task.video_id)
        .join(Project, Project.id == Video.project_id)
        .where(Task.id == task_id, Task.kind == TaskKind.verify, judges_own(user_id, Task.masklet_id))
    )
    return (await session.scalar(found)) is not None


async def project_of(session: AsyncSession, video_id: UUID) -> Project | None:
    return await session.scalar(select(Project).join(Video, Video.project_id == Project.id).where(Video.id == video_id))


async def role_in(session: AsyncSession, project_id: UUID, user_id: UUID) -> Role | None:
    mine = (Membership.project_id == project_id) & (Membership.user_id == user_id)
    return await session.scalar(select(Membership.role).where(mine))


async def fits(session: AsyncSession, task: Task, user_id: UUID, project_id: UUID) -> bool:
    """Whether a person may do this task, by their present role."""
    return bool(await session.scalar(select(may_do(user_id, task.kind, project_id))))
