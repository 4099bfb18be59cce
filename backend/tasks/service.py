"""The course of tasks: select, annotate, verify and, if need be, refine (SAM 2, section 5.1)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.audit import audit
from backend.auth.person import Person
from backend.masklets.edit_rules import lock_video
from backend.projects.service import require_project
from backend.tables import Masklet, Task, Video
from backend.tables.states import TaskKind, TaskOutcome, TaskState
from backend.tasks import queries
from backend.tasks.claims import LeaseTerms, claimed, held_task, kinds_for, read_task
from backend.tasks.problems import LabelsMissing, NeedsVerdict, NothingToSubmit, TaskNotFound
from backend.tasks.schemas import TaskRead, VideoLease
from backend.videos.first_task import open_first_tasks
from backend.videos.labels import missing_labels


async def submit(session: AsyncSession, task_id: UUID, epoch: int, *, user_id: UUID) -> TaskRead:
    """Finish a select, annotate or refine task and open the tasks that follow it. Repeating is harmless.

    Raises:
        TaskNotFound: there is no such task.
        LeaseLost: this person does not hold the task under this epoch.
        NothingToSubmit: no object has a mask.
        LabelsMissing: the video lacks labels that the project requires.
        NeedsVerdict: it is a verify task.
    """
    task, video = await _held(session, task_id, epoch, user_id=user_id)
    if video is None:
        return await read_task(session, task_id)
    masklets = await queries.masklets_with_masks(session, video.id)
    if task.masklet_id is not None:
        masklets = [masklet for masklet in masklets if masklet.id == task.masklet_id]
    if not masklets:
        raise NothingToSubmit("No object has a mask yet.")
    match task.kind:
        case TaskKind.select:
            _open(session, task, TaskKind.annotate, None)
        case TaskKind.annotate | TaskKind.refine:
            await _check_labels(session, video)
            await _ask_for_verdicts(session, task, masklets)
        case TaskKind.verify:
            raise NeedsVerdict("Give the masklet a verdict.")
    _finish(task, TaskOutcome.submitted)
    await session.flush()
    return await read_task(session, task_id)


async def reject_video(session: AsyncSession, task_id: UUID, epoch: int, reason: str, *, user_id: UUID) -> TaskRead:
    """Reject a task's video: it leaves the queue and the exports. Repeating is harmless.

    Raises:
        TaskNotFound: there is no such task.
        LeaseLost: this person does not hold the task under this epoch.
        NeedsVerdict: the task is about one object, which only a verdict can reject.
    """
    task, video = await _held(session, task_id, epoch, user_id=user_id)
    if video is None:
        return await read_task(session, task_id)
    if task.masklet_id is not None:
        raise NeedsVerdict("The task is about one object; only a task of the whole video can reject it.")
    video.rejected_reason = task.reason = reason
    audit(
        session,
        "video.rejected",
        actor_id=user_id,
        project_id=video.project_id,
        object_id=video.id,
        details={"reason": reason},
    )
    _finish(task, TaskOutcome.rejected)
    await session.flush()
    return await read_task(session, task_id)


async def take_video_back(session: AsyncSession, video_id: UUID) -> None:
    """Put a rejected video back into the queue: its work continues where it was, under a new task."""
    video = await lock_video(session, video_id)
    if video.rejected_reason is not None:
        video.rejected_reason = None
        await open_first_tasks(session, [video], anew=True)


async def list_tasks(session: AsyncSession, project_id: UUID, *, viewer_id: UUID) -> Sequence[TaskRead]:
    """List a project's tasks, without those that other people have in a study.

    Raises:
        ProjectNotFound: there is no such project.
    """
    await require_project(session, project_id)
    return await queries.reads(
        session, queries.of_project(project_id) & queries.open_to(viewer_id), viewer_id=viewer_id
    )


async def video_lease(session: AsyncSession, video_id: UUID, *, actor: Person, terms: LeaseTerms) -> VideoLease:
    """Read who is working on a video now, as one person may see it."""
    user_id, project = actor.user_id, await queries.project_of(session, video_id)
    may = set[TaskKind]() if project is None else await kinds_for(session, project.id, actor)
    here = Task.video_id == video_id
    own = await queries.reads(session, here & queries.held_by(user_id), limit=1)
    return VideoLease(
        own=claimed(own[0], terms) if own else None,
        others=list(await queries.reads(session, here & queries.open_to(user_id) & queries.held_by_others(user_id))),
        waiting=list(await queries.reads(session, here & Task.kind.in_(may) & queries.claimable(user_id))),
    )


async def _held(session: AsyncSession, task_id: UUID, epoch: int, *, user_id: UUID) -> tuple[Task, Video | None]:
    """Lock the video and then the task, in the writers' order. A repeated request gets no video and locks nothing."""
    task = await queries.task(session, task_id)
    if task is None:
        raise TaskNotFound("There is no such task.")
    if task.state is TaskState.done and (task.assignee_id, task.epoch) == (user_id, epoch):
        return task, None
    video = await lock_video(session, task.video_id)
    return await held_task(session, task_id, epoch, user_id=user_id), video


async def _check_labels(session: AsyncSession, video: Video) -> None:
    missing = missing_labels(await require_project(session, video.project_id), video)
    if missing:
        raise LabelsMissing(f"Say of the video: {', '.join(missing)}.", extra={"missing": missing})


async def _ask_for_verdicts(session: AsyncSession, task: Task, masklets: Sequence[Masklet]) -> None:
    undecided = [each.id for each in masklets if each.verdict is None and each.participant_id is None]
    asked = await queries.masklets_with_open(session, TaskKind.verify, undecided)
    for masklet_id in undecided:
        if masklet_id not in asked:
            _open(session, task, TaskKind.verify, masklet_id)


def _open(session: AsyncSession, before: Task, kind: TaskKind, masklet_id: UUID | None) -> None:
    """Open the task that follows another, with the same priority."""
    session.add(
        Task(
            video_id=before.video_id,
            masklet_id=masklet_id,
            kind=kind,
            phase=before.phase,
            priority=before.priority,
            epoch=0,
        )
    )


def _finish(task: Task, outcome: TaskOutcome) -> None:
    task.state, task.outcome, task.finished_at, task.lease_until = TaskState.done, outcome, datetime.now(UTC), None
