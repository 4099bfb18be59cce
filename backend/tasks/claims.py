"""Claim tasks, renew their leases, hand them back and reassign them, all by the database's clock."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.actor import Actor
from backend.auth.audit import audit
from backend.auth.authorization import InProject, allowed
from backend.auth.person import Person
from backend.auth.problems import NotAllowed
from backend.db.session import ShortSessions
from backend.leases.problems import LeaseLost
from backend.leases.queries import NEEDED
from backend.masklets.repeats import KeyedRequest, is_repeated
from backend.settings import Settings
from backend.tables import Task
from backend.tables.states import TaskKind, TaskState
from backend.tasks import queries
from backend.tasks.problems import (
    CannotDoTask,
    NoTask,
    PartOfStudy,
    TaskNotFound,
    TaskOver,
    TaskTaken,
    UnknownUser,
)
from backend.tasks.queries import Claimant
from backend.tasks.schemas import ClaimedTask, TaskRead, TaskUpdate

_RENEWALS_PER_LEASE = 4  # so that a few lost renewals do not cost the lease


@dataclass(frozen=True, slots=True)
class Holder:
    """Who ends a task: the person, the epoch under which they hold it, and the key under which they may repeat that."""

    user_id: UUID
    epoch: int
    key: UUID | None = None


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """How long a lease lasts without renewal."""

    length: timedelta


async def _terms(request: Request) -> LeaseTerms:
    settings: Settings = request.state.settings
    return LeaseTerms(timedelta(seconds=settings.lease_seconds))


Terms = Annotated[LeaseTerms, Depends(_terms)]


async def kinds_for(session: AsyncSession, project_id: UUID, actor: Person) -> set[TaskKind]:
    """The kinds of tasks that a person may do in a project."""
    role = await queries.role_in(session, project_id, actor.user_id)
    permissions = allowed(actor, InProject(project_id, role))
    return {kind for kind, needed in NEEDED.items() if needed in permissions}


async def _for_its_kind(task_id: UUID, actor: Actor, sessions: ShortSessions) -> None:
    """Check that an API token is made for this kind of task. A person who may no longer do it has lost the lease."""
    if actor.scope is None:
        return
    async with sessions.begin() as session:
        task = await read_task(session, task_id)
        if task.kind not in await kinds_for(session, task.project_id, actor):
            raise NotAllowed(f"This API token is not made to {NEEDED[task.kind]}.")


FOR_ITS_KIND: Any = Depends(_for_its_kind)
"""For `dependencies=[...]` of routes by which somebody works on the task that they hold."""


async def claim_next(
    session: AsyncSession, project_id: UUID, kinds: list[TaskKind], *, actor: Person, terms: LeaseTerms
) -> ClaimedTask:
    """Claim the most urgent free task, or renew the one that this person already holds.

    Raises:
        NoTask: no task is free for this person.
    """
    user_id, may = actor.user_id, await kinds_for(session, project_id, actor)
    wanted = queries.of_project(project_id) & Task.kind.in_(may.intersection(kinds) if kinds else may)
    held = await queries.reads(session, wanted & queries.held_by(user_id), limit=1)
    if held and await queries.renew(session, held[0].id, user_id=user_id, epoch=held[0].epoch, lease=terms.length):
        return claimed(await read_task(session, held[0].id), terms)
    found = await queries.claim(session, wanted, user_id=user_id, lease=terms.length)
    if found is None:
        raise NoTask("Every task is done, held by somebody, or not for you.")
    return claimed(await read_task(session, found[0]), terms)


async def claim_task(session: AsyncSession, task_id: UUID, *, actor: Person, terms: LeaseTerms) -> ClaimedTask:
    """Claim one task, or renew its lease if this person already holds it.

    Raises:
        TaskNotFound: there is no such task.
        TaskOver: it is done.
        TaskTaken: somebody else holds it, or this person may not do it.
    """
    user_id, task = actor.user_id, await read_task(session, task_id)
    if task.kind not in await kinds_for(session, task.project_id, actor):
        raise TaskTaken(f"Your role in this project is not to {task.kind}.")
    if await queries.claim(session, Task.id == task_id, user_id=user_id, lease=terms.length) is None:
        task = await read_task(session, task_id)
        mine = task.assignee_id == user_id and task.state is TaskState.claimed
        if mine and await queries.renew(session, task_id, user_id=user_id, epoch=task.epoch, lease=terms.length):
            return claimed(await read_task(session, task_id), terms)
        if task.state is TaskState.done:
            raise TaskOver("It was finished meanwhile.")
        raise TaskTaken(_why_not(task, user_id))
    return claimed(await read_task(session, task_id), terms)


def _why_not(task: TaskRead, user_id: UUID) -> str:
    if task.assignee_id not in (None, user_id):
        return f"{task.assignee_name} holds it, or it is kept for them."
    if task.kind is TaskKind.verify:
        return "Nobody verifies their own work, and nothing is judged while it is propagated."
    return "Its video is not ready, or was rejected, or its object was deleted."


async def renew(session: AsyncSession, task_id: UUID, epoch: int, *, user_id: UUID, terms: LeaseTerms) -> ClaimedTask:
    """Renew the lease of a task, counted from now.

    Raises:
        TaskNotFound: there is no such task.
        LeaseLost: this person no longer holds the task under this epoch.
    """
    if not await queries.renew(session, task_id, user_id=user_id, epoch=epoch, lease=terms.length):
        await read_task(session, task_id)
        raise lost(task_id)
    return claimed(await read_task(session, task_id), terms)


async def hand_back(session: AsyncSession, task_id: UUID, reason: str | None, *, holder: Holder) -> TaskRead:
    """Hand a task back to the queue. Saved work stays. Repeating under the same key is harmless.

    Raises:
        TaskNotFound: there is no such task.
        LeaseLost: this person does not hold the task under this epoch.
    """
    if await is_answered(session, task_id, holder, "hand-back", reason):
        return await read_task(session, task_id)
    task = await held_task(session, task_id, holder)
    _release(task, None)
    task.reason = reason
    await session.flush()
    return await read_task(session, task_id)


async def update_task(session: AsyncSession, task_id: UUID, body: TaskUpdate, *, actor_id: UUID) -> TaskRead:
    """Change a task's priority or assignee. A new assignee ends the present holder's lease.

    Raises:
        TaskNotFound: there is no such task.
        TaskOver: it is done.
        UnknownUser: the assignee is not a member of the project.
        CannotDoTask: it is to verify what the assignee worked on.
        PartOfStudy: the task is another participant's part of a study.
    """
    task = await queries.task(session, task_id, lock=True)
    if task is None:
        raise TaskNotFound("There is no such task.")
    if task.state is TaskState.done:
        raise TaskOver("It is done.")
    if body.priority is not None:
        task.priority = body.priority
    if "assignee_id" in body.model_fields_set:
        project_id = (await read_task(session, task_id)).project_id
        if body.assignee_id is not None and await queries.role_in(session, project_id, body.assignee_id) is None:
            raise UnknownUser("Nobody in this project has this id.")
        if body.assignee_id is not None and not await queries.fits(session, task, body.assignee_id, project_id):
            raise UnknownUser(f"Their role in this project is not to {task.kind}, or their account is disabled.")
        if body.assignee_id is not None and await queries.would_judge_own(session, task_id, body.assignee_id):
            raise CannotDoTask("They worked on it themselves; somebody else has to judge it.")
        if await queries.participant(session, task) not in (None, body.assignee_id):
            raise PartOfStudy("It was planned for one person; leave it to them, or close the study.")
        before = await read_task(session, task_id)
        _release(task, body.assignee_id)
        await session.flush()
        await _audit_change_of_hands(session, before, actor_id)
    await session.flush()
    return await read_task(session, task_id)


async def _audit_change_of_hands(session: AsyncSession, before: TaskRead, actor_id: UUID) -> None:
    after = await read_task(session, before.id)
    details = {
        "kind": before.kind,
        "object": before.masklet_name,
        "video": before.video_name,
        "from": before.assignee_name,
        "to": after.assignee_name,
    }
    audit(
        session,
        "task.reassigned",
        actor_id=actor_id,
        project_id=before.project_id,
        object_id=before.id,
        details=details,
    )


def _release(task: Task, assignee_id: UUID | None) -> None:
    """End the lease. The epoch rises, so that a late write by the former holder is rejected."""
    task.state = TaskState.open
    task.assignee_id = assignee_id
    task.lease_until = task.reserved_until = None
    task.epoch += 1


async def is_answered(
    session: AsyncSession, task_id: UUID, holder: Holder, how: str, reason: str | None = None
) -> bool:
    """Whether a request to end a task so was answered before.

    Raises:
        TaskNotFound: there is no such task.
        IdempotencyKeyReused: the key belongs to another request.
    """
    if holder.key is None:
        return False
    task = await queries.task(session, task_id)
    if task is None:
        raise TaskNotFound("There is no such task.")
    body = {"task": str(task_id), "epoch": holder.epoch, "how": how, "reason": reason}
    return await is_repeated(session, KeyedRequest(holder.key, task.video_id, holder.user_id, body))


async def held_task(session: AsyncSession, task_id: UUID, holder: Holder) -> Task:
    """Lock a task that this person holds under this epoch.

    Raises:
        TaskNotFound: there is no such task.
        LeaseLost: this person does not hold the task under this epoch.
    """
    task = await queries.task(session, task_id, lock=True)
    if task is None:
        raise TaskNotFound("There is no such task.")
    if task.state is not TaskState.claimed or (task.assignee_id, task.epoch) != (holder.user_id, holder.epoch):
        raise lost(task_id)
    return task


def lost(task_id: UUID) -> LeaseLost:
    return LeaseLost("The task was handed on, or is over. What you saved is kept.", extra={"task_id": str(task_id)})


async def read_task(session: AsyncSession, task_id: UUID, *, viewer: Person | None = None) -> TaskRead:
    """Read one task; with a viewer, only if they may see it.

    Raises:
        TaskNotFound: there is no such task, or it is another participant's part of a study.
    """
    which: ColumnElement[bool] = Task.id == task_id
    if viewer is not None:
        which &= queries.open_to(viewer.user_id)
    found = await queries.reads(session, which, limit=1)
    if not found:
        raise TaskNotFound("There is no such task.")
    if viewer is None:
        return found[0]
    claimant = Claimant(viewer.user_id, await kinds_for(session, found[0].project_id, viewer))
    return (await queries.reads(session, which, limit=1, claimant=claimant))[0]


def claimed(task: TaskRead, terms: LeaseTerms) -> ClaimedTask:
    every = terms.length.total_seconds() / _RENEWALS_PER_LEASE
    return ClaimedTask(task=task, lease=f"{task.id}/{task.epoch}", renew_seconds=every)
