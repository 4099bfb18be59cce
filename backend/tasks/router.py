"""Routes to claim tasks, renew them, hand them back, submit them and reject videos."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter

from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.permissions import Permission
from backend.db.session import Autocommit, Session
from backend.leases.problems import LeaseLost
from backend.masklets.headers import RepeatKey
from backend.page import AskedPage, BadCursor
from backend.problems import IdempotencyKeyReused, problems
from backend.projects.problems import ProjectNotFound
from backend.projects.resource import PROJECT
from backend.projects.service import require_project
from backend.tasks import claims, service
from backend.tasks.claims import FOR_ITS_KIND, Holder, Terms
from backend.tasks.problems import (
    CannotDoTask,
    LabelsMissing,
    NeedsVerdict,
    NoTask,
    NothingToContest,
    NothingToSubmit,
    PartOfStudy,
    TaskNotFound,
    TaskOver,
    TaskTaken,
    UnknownUser,
)
from backend.tasks.resource import TASK
from backend.tasks.schemas import (
    ClaimedTask,
    ContestVerdict,
    HandBack,
    HeldTask,
    NextTask,
    RejectVideo,
    TaskRead,
    TaskUpdate,
    VideoLease,
)
from backend.videos.problems import VideoNotFound
from backend.videos.resource import VIDEO
from backend.videos.service import require_video

router = APIRouter(prefix="/api", tags=["tasks"])
_HELD = (TaskNotFound, LeaseLost)
_ENDED = (*_HELD, IdempotencyKeyReused)
_WORK_ON_TASK = access(Permission.annotate, TASK, other=Permission.verify)


@router.get(
    "/projects/{project_id}/tasks",
    responses=problems(ProjectNotFound, BadCursor),
    dependencies=[access(Permission.view, PROJECT)],
)
async def list_tasks(project_id: UUID, session: Autocommit, actor: Actor, page: AskedPage) -> Sequence[TaskRead]:
    """A project's tasks: unfinished ones in the order in which they are given out, then finished ones, latest first.

    In pages: the Link header names the next one.
    """
    return await service.list_tasks(session, project_id, page, actor=actor)


@router.post(
    "/projects/{project_id}/tasks/next",
    responses=problems(ProjectNotFound, NoTask),
    dependencies=[access(Permission.view, PROJECT)],
)
async def claim_next_task(
    project_id: UUID, body: NextTask, session: Session, actor: Actor, terms: Terms
) -> ClaimedTask:
    """Claim the next task: the one you already hold, or else the most urgent free one. Safe to repeat."""
    await require_project(session, project_id)
    return await claims.claim_next(session, project_id, body.kinds, actor=actor, terms=terms)


@router.get("/tasks/returned", responses=problems(BadCursor), dependencies=[access(Permission.view)])
async def list_returned_tasks(session: Autocommit, actor: Actor, page: AskedPage) -> Sequence[TaskRead]:
    """Your work that a verifier sent back, in all projects, most urgent first, in pages as the Link header says."""
    return await service.returned_tasks(session, page, actor=actor)


@router.get("/tasks/{task_id}", responses=problems(TaskNotFound), dependencies=[access(Permission.view, TASK)])
async def read_task(task_id: UUID, session: Autocommit, actor: Actor) -> TaskRead:
    return await claims.read_task(session, task_id, viewer=actor)


@router.patch(
    "/tasks/{task_id}",
    responses=problems(TaskNotFound, TaskOver, UnknownUser, CannotDoTask, PartOfStudy),
    dependencies=[access(Permission.manage, TASK)],
)
async def update_task(task_id: UUID, body: TaskUpdate, session: Session, actor: Actor) -> TaskRead:
    """Change a task's priority, or assign it to somebody. The present holder loses it; their work is kept."""
    return await claims.update_task(session, task_id, body, actor_id=actor.user_id)


@router.post(
    "/tasks/{task_id}/claim",
    responses=problems(TaskNotFound, TaskOver, TaskTaken),
    dependencies=[access(Permission.view, TASK)],
)
async def claim_task(task_id: UUID, session: Session, actor: Actor, terms: Terms) -> ClaimedTask:
    """Claim this task. Safe to repeat."""
    return await claims.claim_task(session, task_id, actor=actor, terms=terms)


@router.post(
    "/tasks/{task_id}/renew",
    responses=problems(*_HELD),
    dependencies=[_WORK_ON_TASK, FOR_ITS_KIND],
)
async def renew_lease(task_id: UUID, body: HeldTask, session: Session, actor: Actor, terms: Terms) -> ClaimedTask:
    """Renew the lease on your task."""
    return await claims.renew(session, task_id, body.epoch, user_id=actor.user_id, terms=terms)


@router.post(
    "/tasks/{task_id}/hand-back",
    responses=problems(*_ENDED),
    dependencies=[_WORK_ON_TASK, FOR_ITS_KIND],
)
async def hand_back(task_id: UUID, body: HandBack, session: Session, actor: Actor, key: RepeatKey = None) -> TaskRead:
    """Hand a task back to the queue. What you saved stays for the next person. Safe to repeat with the same key."""
    return await claims.hand_back(session, task_id, body.reason, holder=Holder(actor.user_id, body.epoch, key))


@router.post(
    "/tasks/{task_id}/submit",
    responses=problems(*_ENDED, NothingToSubmit, LabelsMissing, NeedsVerdict),
    dependencies=[_WORK_ON_TASK, FOR_ITS_KIND],
)
async def submit_task(task_id: UUID, body: HeldTask, session: Session, actor: Actor, key: RepeatKey = None) -> TaskRead:
    """Finish a task. Selected objects go to an annotator, annotated and refined ones to a verifier. Safe to repeat."""
    return await service.submit(session, task_id, holder=Holder(actor.user_id, body.epoch, key))


@router.post(
    "/tasks/{task_id}/contest",
    responses=problems(*_ENDED, NothingToContest),
    dependencies=[_WORK_ON_TASK, FOR_ITS_KIND],
)
async def contest_verdict(
    task_id: UUID, body: ContestVerdict, session: Session, actor: Actor, key: RepeatKey = None
) -> TaskRead:
    """Contest the verdict that sent the object back: it goes to a verifier with your reason. Safe to repeat."""
    return await service.contest(session, task_id, body.reason, holder=Holder(actor.user_id, body.epoch, key))


@router.post(
    "/tasks/{task_id}/reject",
    responses=problems(*_ENDED, NeedsVerdict),
    dependencies=[_WORK_ON_TASK, FOR_ITS_KIND],
)
async def reject_video(
    task_id: UUID, body: RejectVideo, session: Session, actor: Actor, key: RepeatKey = None
) -> TaskRead:
    """Reject the video: it leaves the queue and the exports. Safe to repeat."""
    return await service.reject_video(session, task_id, body.reason, holder=Holder(actor.user_id, body.epoch, key))


@router.get(
    "/videos/{video_id}/lease", responses=problems(VideoNotFound), dependencies=[access(Permission.view, VIDEO)]
)
async def read_video_lease(video_id: UUID, session: Autocommit, actor: Actor, terms: Terms) -> VideoLease:
    """Who is working on this video now."""
    await require_video(session, video_id)
    return await service.video_lease(session, video_id, actor=actor, terms=terms)


@router.delete(
    "/videos/{video_id}/rejection",
    status_code=204,
    responses=problems(VideoNotFound),
    dependencies=[access(Permission.manage, VIDEO)],
)
async def take_video_back(video_id: UUID, session: Session, actor: Actor) -> None:
    """Put a rejected video back into the queue."""
    await service.take_video_back(session, video_id, actor_id=actor.user_id)
