"""The fence that keeps writers out of work that somebody else holds, and rejects writes under outdated leases.

Callers hold the video's lock. The tasks are locked in share mode until the writer's transaction ends, so that a claim,
which changes the row, happens before or after the write and never in between.
"""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.leases import queries
from backend.leases.lease import Lease
from backend.leases.problems import LeaseHeld, LeaseLost, MaskletLocked
from backend.problems import MaskloomError
from backend.tables import Masklet, Task
from backend.tables.states import Origin, TaskKind, VerdictKind


async def pass_fence(
    session: AsyncSession,
    video_id: UUID,
    masklets: Collection[Masklet],
    *,
    actor_id: UUID,
    lease: Lease | None,
) -> Task | None:
    """Check that a write to these masklets, or of a new one if there are none, is allowed. Returns its task, if any.

    Raises:
        LeaseLost: the write's lease is not the current one.
        LeaseHeld: somebody else's lease covers what it would change.
        MaskletLocked: it would change a verified automatic masklet outside a refine task.
    """
    return await check_fence(
        session, await queries.held_tasks(session, video_id), masklets, actor_id=actor_id, lease=lease
    )


async def check_fence(
    session: AsyncSession,
    held: Sequence[tuple[Task, bool]],
    masklets: Collection[Masklet],
    *,
    actor_id: UUID,
    lease: Lease | None,
) -> Task | None:
    """As `pass_fence`, for a caller who has read the video's held tasks under its lock."""
    own = {task.id: task for task, _live in held if task.assignee_id == actor_id}
    if lease is not None:
        check_lease(own.get(lease.task_id), lease)
    if (other := _in_the_way(held, masklets, actor_id)) is not None:
        raise await _held(session, other)
    if any(_is_closed(masklet, own.values()) for masklet in masklets):
        raise _verified()
    return None if lease is None else own[lease.task_id]


async def fenced_off(
    session: AsyncSession,
    video_id: UUID,
    masklets: Collection[Masklet],
    *,
    actor_id: UUID,
    lease: Lease | None,
) -> tuple[Task | None, dict[UUID, MaskloomError]]:
    """As `pass_fence`, for a write that does what it can: its task, and the problem of each masklet it must leave out.

    Raises:
        LeaseLost: the write's lease is not the current one.
    """
    held = await queries.held_tasks(session, video_id)
    own = {task.id: task for task, _live in held if task.assignee_id == actor_id}
    if lease is not None:
        check_lease(own.get(lease.task_id), lease)
    problems: dict[UUID, MaskloomError] = {}
    by_task: dict[UUID, LeaseHeld] = {}  # a task of a whole video covers all its masklets
    for masklet in masklets:
        if (other := _in_the_way(held, [masklet], actor_id)) is not None:
            if other.id not in by_task:
                by_task[other.id] = await _held(session, other)
            problems[masklet.id] = by_task[other.id]
        elif _is_closed(masklet, own.values()):
            problems[masklet.id] = _verified()
    return None if lease is None else own[lease.task_id], problems


def check_lease(task: Task | None, lease: Lease) -> None:
    """Check that a lease is the current one of its task.

    Raises:
        LeaseLost: the task has another holder or another epoch.
    """
    if task is None or task.epoch != lease.epoch:
        raise LeaseLost(
            "The task was handed on, or is over. What you saved is kept; claim a task to go on.",
            extra={"task_id": str(lease.task_id)},
        )


async def refuse(session: AsyncSession, task: Task) -> None:
    """Raise the problem of a write to work that somebody else holds.

    Raises:
        LeaseHeld: always, with the holder's name.
    """
    raise await _held(session, task)


def is_locked(masklet: Masklet) -> bool:
    return masklet.origin is Origin.auto and masklet.verdict is VerdictKind.satisfactory


async def _held(session: AsyncSession, task: Task) -> LeaseHeld:
    assert task.lease_until is not None
    holder = await queries.user_name(session, task.assignee_id)
    return LeaseHeld(
        f"{holder} holds the {task.kind} task of this {'video' if task.masklet_id is None else 'object'}. "
        "Try again when they have submitted it or left.",
        extra={"task_id": str(task.id), "lease_until": task.lease_until.isoformat()},
    )


def _verified() -> MaskletLocked:
    return MaskletLocked("It was made automatically and verified; send it back in review to change it.")


def _is_closed(masklet: Masklet, own: Iterable[Task]) -> bool:
    """Whether it is verified, and the writer, who holds these tasks, does not refine it."""
    return is_locked(masklet) and not any(
        task.kind is TaskKind.refine and task.masklet_id == masklet.id for task in own
    )


def _in_the_way(held: Sequence[tuple[Task, bool]], masklets: Collection[Masklet], actor_id: UUID) -> Task | None:
    """The first task by which somebody else holds what the write would change."""
    masklet_ids = {masklet.id for masklet in masklets}
    own_masklets = {
        task.masklet_id for task, _live in held if task.assignee_id == actor_id and task.masklet_id is not None
    }
    others = (task for task, live in held if live and task.assignee_id != actor_id)
    return next((task for task in others if _covers(task, masklet_ids, own_masklets)), None)


def _covers(task: Task, masklet_ids: set[UUID], own_masklets: Collection[UUID]) -> bool:
    """Whether a task covers a write. A task of a whole video covers all but what the writer holds separately."""
    if task.masklet_id is not None:
        return task.masklet_id in masklet_ids
    return not masklet_ids or not masklet_ids.issubset(own_masklets)
