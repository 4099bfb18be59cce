"""The course of tasks: select, annotate, verify and, if need be, refine (SAM 2, section 5.1)."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.audit import audit
from backend.auth.person import Person
from backend.masklets.course import CourseEvent
from backend.masklets.edit_rules import lock_video, next_seq
from backend.masklets.work import Handover, advance, finish, has_unfinished_task, seal, seal_annotating
from backend.masklets.work_queries import annotating
from backend.ontology.service import ontology_of
from backend.page import Page
from backend.projects.service import require_project
from backend.tables import Masklet, Task, Video
from backend.tables.states import TaskKind, TaskOutcome, TaskState, WorkState
from backend.tasks import queries
from backend.tasks.claims import Holder, LeaseTerms, claimed, held_task, is_answered, kinds_for, lost, read_task
from backend.tasks.problems import LabelsMissing, NeedsVerdict, NothingToContest, NothingToSubmit, TaskNotFound
from backend.tasks.queries import Claimant
from backend.tasks.schemas import TaskRead, VideoLease
from backend.videos.first_task import open_first_tasks
from backend.videos.labels import missing_labels
from backend.webhooks.outbox import tell_task_submitted


async def submit(session: AsyncSession, task_id: UUID, *, holder: Holder) -> TaskRead:
    """Finish a select, annotate or refine task and open the tasks that follow it. Repeating is harmless.

    Raises:
        TaskNotFound: there is no such task.
        LeaseLost: this person does not hold the task under this epoch.
        NothingToSubmit: no object has a mask.
        LabelsMissing: the video lacks labels that the project requires.
        NeedsVerdict: it is a verify task.
    """
    held = await _held(session, task_id, holder, TaskOutcome.submitted)
    if held is None:
        return await read_task(session, task_id)
    task, video = held
    if task.kind is TaskKind.verify:
        raise NeedsVerdict("Give the masklet a verdict.")
    if not await _is_filled(session, task):
        raise NothingToSubmit("No object has a mask yet." if task.masklet_id is None else "It has no mask any more.")
    if task.kind is not TaskKind.select:
        await _check_labels(session, video)
    finish(task, TaskOutcome.submitted)
    if task.masklet_id is None:
        handed_on = await _submit_video(session, video, task)
    else:
        handed_on = [await queries.masklet(session, task.masklet_id)]
        await _submit_masklet(session, handed_on[0], video, task)
    await session.flush()
    await tell_task_submitted(session, task, video, handed_on)
    return await read_task(session, task_id)


async def contest(session: AsyncSession, task_id: UUID, reason: str, *, holder: Holder) -> TaskRead:
    """Finish a refine task by sending its masklet back to a verifier with a reason. Repeating is harmless.

    Raises:
        TaskNotFound: there is no such task.
        LeaseLost: this person does not hold the task under this epoch.
        NothingToContest: it is not a refine task, or the verdict was replaced meanwhile.
    """
    held = await _held(session, task_id, holder, TaskOutcome.contested, reason)
    if held is None:
        return await read_task(session, task_id)
    task, video = held
    masklet = None if task.masklet_id is None else await queries.masklet(session, task.masklet_id)
    if masklet is None or task.kind is not TaskKind.refine or masklet.work is not WorkState.refining:
        raise NothingToContest("Only a verdict that sent an object back can be contested.")
    finish(task, TaskOutcome.contested)
    await _submit_masklet(session, masklet, video, task, reason=reason)
    details = {"object": masklet.name, "video": video.name, "reason": reason}
    audit(
        session,
        "verdict.contested",
        actor_id=holder.user_id,
        project_id=video.project_id,
        object_id=masklet.id,
        details=details,
    )
    await session.flush()
    return await read_task(session, task_id)


async def reject_video(session: AsyncSession, task_id: UUID, reason: str, *, holder: Holder) -> TaskRead:
    """Reject a task's video: it leaves the queue and the exports. Repeating is harmless.

    Raises:
        TaskNotFound: there is no such task.
        LeaseLost: this person does not hold the task under this epoch.
        NeedsVerdict: the task is about one object, which only a verdict can reject.
    """
    held = await _held(session, task_id, holder, TaskOutcome.rejected, reason)
    if held is None:
        return await read_task(session, task_id)
    task, video = held
    if task.masklet_id is not None:
        raise NeedsVerdict("The task is about one object; only a task of the whole video can reject it.")
    video.rejected_reason = task.reason = reason
    audit(
        session,
        "video.rejected",
        actor_id=holder.user_id,
        project_id=video.project_id,
        object_id=video.id,
        details={"reason": reason, "video": video.name},
    )
    finish(task, TaskOutcome.rejected)
    await session.flush()
    return await read_task(session, task_id)


async def take_video_back(session: AsyncSession, video_id: UUID, *, actor_id: UUID) -> None:
    """Put a rejected video back into the queue: its work continues where it was, under a new task."""
    video = await lock_video(session, video_id)
    if video.rejected_reason is not None:
        details = {"video": video.name, "reason": video.rejected_reason}
        audit(
            session,
            "video.taken_back",
            actor_id=actor_id,
            project_id=video.project_id,
            object_id=video_id,
            details=details,
        )
        video.rejected_reason = None
        if not await has_unfinished_task(session, video_id):
            await open_first_tasks(session, [video], anew=True)


async def list_tasks(session: AsyncSession, project_id: UUID, page: Page, *, actor: Person) -> Sequence[TaskRead]:
    """List a page of a project's tasks.

    Those that other people have in a study are left out, and those that have nothing to work on.

    Raises:
        ProjectNotFound: there is no such project.
    """
    await require_project(session, project_id)
    claimant = Claimant(actor.user_id, await kinds_for(session, project_id, actor))
    shown = queries.of_project(project_id) & queries.open_to(actor.user_id) & ~queries.hidden()
    return await queries.reads_on_page(session, shown, page, claimant=claimant)


async def returned_tasks(session: AsyncSession, page: Page, *, actor: Person) -> Sequence[TaskRead]:
    """List a page of the masklets that were sent back to this person, in all projects that they may annotate in."""
    which = queries.returned_to(actor.user_id)
    if actor.scope is not None and actor.scope.project_id is not None:
        which &= queries.of_project(actor.scope.project_id)
    claimant = Claimant(actor.user_id, [TaskKind.refine])
    return await queries.reads_on_page(session, which, page, claimant=claimant)


async def video_lease(session: AsyncSession, video_id: UUID, *, actor: Person, terms: LeaseTerms) -> VideoLease:
    """Read who is working on a video now, as one person may see it."""
    user_id, project = actor.user_id, await queries.project_of(session, video_id)
    may = set[TaskKind]() if project is None else await kinds_for(session, project.id, actor)
    here = Task.video_id == video_id
    own = await queries.reads(session, here & queries.held_by(user_id))
    held = [claimed(task, terms) for task in sorted(own, key=lambda task: task.masklet_id is None)]
    return VideoLease(
        own=held[0] if held else None,
        held=held,
        others=list(await queries.reads(session, here & queries.open_to(user_id) & queries.held_by_others(user_id))),
        waiting=list(
            await queries.reads(
                session,
                here & Task.kind.in_(may) & queries.claimable(user_id),
                claimant=Claimant(user_id, may),
            )
        ),
    )


async def _held(
    session: AsyncSession, task_id: UUID, holder: Holder, outcome: TaskOutcome, reason: str | None = None
) -> tuple[Task, Video] | None:
    """Lock the video and then the task, in the writers' order; None if the task has had this outcome from this holder.

    A task that ended another way is lost to them: they must not read that it ended as they asked.
    """
    if await is_answered(session, task_id, holder, outcome, reason):
        return None
    task = await queries.task(session, task_id)
    if task is None:
        raise TaskNotFound("There is no such task.")
    if task.state is TaskState.done and (task.assignee_id, task.epoch) == (holder.user_id, holder.epoch):
        if task.outcome is not outcome:
            raise lost(task_id)
        return None
    video = await lock_video(session, task.video_id)
    return await held_task(session, task_id, holder), video


async def _check_labels(session: AsyncSession, video: Video) -> None:
    project, ontology = await require_project(session, video.project_id), await ontology_of(session, video.project_id)
    missing = missing_labels(project, ontology, video)
    if missing:
        raise LabelsMissing(f"Say of the video: {', '.join(missing)}.", extra={"missing": missing})


async def _is_filled(session: AsyncSession, task: Task) -> bool:
    """Whether a task has a mask to submit. One whose object was deleted has nothing left to do, which is fine."""
    if task.masklet_id is None:
        return await queries.has_masks(session, task.video_id)
    masklet = await queries.masklet(session, task.masklet_id)
    return masklet.deleted or await queries.has_masks(session, task.video_id, task.masklet_id)


async def _submit_video(session: AsyncSession, video: Video, task: Task) -> list[Masklet]:
    """Hand on all that was annotated in a video: selected objects to an annotator, annotated ones to a verifier.

    Returns them. Objects that never got a mask are put away, because nobody could judge them.
    """
    await session.flush()
    await seal_annotating(session, video)
    annotated = await annotating(session, video.id)
    if task.kind is TaskKind.select:
        _open_annotate(session, task)
        return [masklet for masklet, filled in annotated if filled]
    for masklet, filled in annotated:
        if filled:
            await advance(session, masklet, CourseEvent.submitted, Handover(priority=task.priority))
        else:
            masklet.deleted = True
        masklet.seq = next_seq(session, video)  # the masks are the same, and so is the version
    return [masklet for masklet, filled in annotated if filled]


async def _submit_masklet(
    session: AsyncSession, masklet: Masklet, video: Video, task: Task, *, reason: str | None = None
) -> None:
    """Hand one masklet on to a verifier; with a reason, its verdict is contested."""
    await session.flush()
    await seal(session, masklet)
    if masklet.participant_id is not None or masklet.deleted:
        return
    event = CourseEvent.submitted if reason is None else CourseEvent.contested
    await advance(session, masklet, event, Handover(task.priority, reason=reason, frame_index=task.frame_index))
    masklet.seq = next_seq(session, video)  # the masks are the same, and so is the version


def _open_annotate(session: AsyncSession, selected: Task) -> None:
    """Open the annotate task that follows a select task, with the same priority."""
    session.add(
        Task(
            video_id=selected.video_id,
            kind=TaskKind.annotate,
            phase=selected.phase,
            priority=selected.priority,
            epoch=0,
        )
    )
