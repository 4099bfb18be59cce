"""Move masklets along their course: set state and verdict, end the tasks behind them and open the one that follows."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from backend.masklets import queries, work_queries
from backend.masklets.course import COURSE, FOLLOWS, WHOLE_VIDEO, CourseEvent, verdict_after
from backend.tables import Action, Masklet, Task, Video, WorkChange
from backend.tables.states import TaskKind, TaskOutcome, TaskState, WorkState

_RESERVED = timedelta(hours=24)
"""How long a masklet that was sent back is kept for its annotator."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What one task tells the next: how urgent it is, for whom it is kept, why it is needed, and where to begin."""

    priority: int = 0
    assignee_id: UUID | None = None
    reason: str | None = None
    frame_index: int | None = None


async def advance(
    session: AsyncSession, masklet: Masklet, event: CourseEvent, handover: Handover | None = None
) -> None:
    """Take a masklet of a locked video one step along its course. Its version is the caller's to raise."""
    masklet.verdict = verdict_after(event, (masklet.work, masklet.verdict))
    masklet.work = COURSE[event][masklet.work]
    await bring_tasks(session, masklet, handover or Handover())


async def note_edit(session: AsyncSession, masklet: Masklet, action: Action, task: Task | None) -> bool:
    """After masks changed under a task, or under none: void the verdict, and remember what it was for undo.

    Returns whether state or verdict changed.
    """
    whole_video = task is not None and task.masklet_id is None and task.kind in WHOLE_VIDEO
    event = CourseEvent.taken_up if whole_video else CourseEvent.edited
    if masklet.verdict is None and COURSE[event][masklet.work] is masklet.work:
        return False  # as nearly always: there is nothing to void
    session.add(
        WorkChange(
            action_id=action.id,
            masklet_id=masklet.id,
            before_work=masklet.work,
            before_verdict=masklet.verdict,
        )
    )
    await advance(session, masklet, event)
    return True


async def take_edit_back(session: AsyncSession, masklet: Masklet, change: WorkChange | None) -> None:
    """After an action was undone: bring back the state and the verdict that it took, and the tasks that follow."""
    if change is not None:
        masklet.work, masklet.verdict = change.before_work, change.before_verdict
    await bring_tasks(session, masklet, Handover())


async def bring_tasks(session: AsyncSession, masklet: Masklet, handover: Handover) -> None:
    """Let a masklet have exactly the task that its state asks for. A deleted one keeps what it had, out of sight."""
    if masklet.participant_id is not None or masklet.deleted:
        return
    await session.flush()
    needed, kept = FOLLOWS[masklet.work], list[Task]()
    for task in await work_queries.unfinished_tasks(session, masklet.id):
        if task.kind in needed:
            kept.append(task)
        else:
            finish(task, TaskOutcome.dropped)
    if masklet.work is WorkState.annotating:
        await open_video_task(session, masklet.video_id, handover)
        return
    for kind in needed:
        task = kept[0] if kept else _open(session, masklet, kind, handover)
        if handover.reason is not None:
            task.reason = handover.reason
        if handover.frame_index is not None:
            task.frame_index = handover.frame_index


async def open_video_task(session: AsyncSession, video_id: UUID, handover: Handover) -> None:
    """Open an annotate task for a video that has no unfinished task about all of its objects."""
    if await work_queries.unfinished_video_task(session, video_id) is None:
        phase = await queries.phase_of_video(session, video_id)
        priority = handover.priority
        session.add(Task(video_id=video_id, kind=TaskKind.annotate, phase=phase, priority=priority, epoch=0))
        await session.flush()


async def has_unfinished_task(session: AsyncSession, video_id: UUID) -> bool:
    """Whether a video has an unfinished task about all of its objects."""
    return await work_queries.unfinished_video_task(session, video_id) is not None


async def drop_idle_task(session: AsyncSession, video_id: UUID) -> None:
    """Drop an annotate task that was opened again for a masklet whose creation was undone."""
    idle = await work_queries.idle_follow_up(session, video_id)
    if idle is not None:
        finish(idle, TaskOutcome.dropped)


async def seal(session: AsyncSession, masklet: Masklet) -> None:
    """Let undo stop here, because somebody else builds on the masks as they are now."""
    masklet.sealed_order = await work_queries.last_order(session, masklet.video_id)


async def seal_annotating(session: AsyncSession, video: Video) -> None:
    """Let undo stop here for all that is being annotated in a video, also for what was deleted."""
    order = await work_queries.last_order(session, video.id)
    await work_queries.seal_annotating(session, video.id, order)


def finish(task: Task, outcome: TaskOutcome) -> None:
    task.state, task.outcome, task.finished_at, task.lease_until = TaskState.done, outcome, datetime.now(UTC), None


def _open(session: AsyncSession, masklet: Masklet, kind: TaskKind, handover: Handover) -> Task:
    task = Task(
        video_id=masklet.video_id,
        masklet_id=masklet.id,
        kind=kind,
        phase=masklet.phase,
        priority=handover.priority,
        assignee_id=handover.assignee_id,
        reserved_until=None if handover.assignee_id is None else func.clock_timestamp() + _RESERVED,
        epoch=0,
    )
    session.add(task)
    return task
