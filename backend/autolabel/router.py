"""Routes to start, list and cancel searches for automatic masklets."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter

from backend.auth.access import access
from backend.auth.permissions import Permission
from backend.autolabel import service
from backend.autolabel.problems import AutoLabelingNotFound, AutoLabelingRunning
from backend.autolabel.resource import AUTO_LABELING
from backend.autolabel.schemas import AutoLabelingCreate, AutoLabelingRead
from backend.db.session import Session
from backend.jobs.dependency import Queue
from backend.masklets.headers import AuthorHeaders
from backend.page import AskedPage, BadCursor
from backend.problems import IdempotencyKeyReused, problems
from backend.projects.problems import ProjectNotFound
from backend.projects.resource import PROJECT
from backend.videos.problems import VideoNotFound, VideoNotReady
from backend.videos.resource import VIDEO

router = APIRouter(prefix="/api", tags=["automatic masklets"])


@router.post(
    "/videos/{video_id}/auto-labelings",
    status_code=202,
    responses=problems(VideoNotFound, VideoNotReady, AutoLabelingRunning, IdempotencyKeyReused),
    dependencies=[access(Permission.annotate, VIDEO)],
)
async def find_masklets(
    video_id: UUID, body: AutoLabelingCreate, author: AuthorHeaders, session: Session, queue: Queue
) -> AutoLabelingRead:
    """Search a video for masklets, in the background. They go to the review queue, marked as automatic."""
    return await service.label_video(session, video_id, body, author, queue=queue)


@router.get(
    "/videos/{video_id}/auto-labeling",
    responses=problems(VideoNotFound),
    dependencies=[access(Permission.view, VIDEO)],
)
async def latest_auto_labeling(video_id: UUID, session: Session) -> AutoLabelingRead | None:
    """The latest search of a video; null if it was never searched."""
    return await service.latest_of_video(session, video_id)


@router.post(
    "/projects/{project_id}/auto-labelings",
    status_code=202,
    responses=problems(ProjectNotFound),
    dependencies=[access(Permission.annotate, PROJECT)],
)
async def find_masklets_everywhere(
    project_id: UUID, body: AutoLabelingCreate, author: AuthorHeaders, session: Session, queue: Queue
) -> Sequence[AutoLabelingRead]:
    """Search all videos of a project that were not yet searched to the end, one after another."""
    return await service.label_project(session, project_id, body, author, queue=queue)


@router.get(
    "/projects/{project_id}/auto-labelings",
    responses=problems(ProjectNotFound, BadCursor),
    dependencies=[access(Permission.view, PROJECT)],
)
async def list_auto_labelings(project_id: UUID, session: Session, page: AskedPage) -> Sequence[AutoLabelingRead]:
    """The latest search of each video that was ever searched, in pages: the Link header names the next one."""
    return await service.latest_of_project(session, project_id, page)


@router.post(
    "/auto-labelings/{auto_labeling_id}/cancel",
    responses=problems(AutoLabelingNotFound),
    dependencies=[access(Permission.annotate, AUTO_LABELING)],
)
async def cancel_auto_labeling(auto_labeling_id: UUID, session: Session) -> AutoLabelingRead:
    """Cancel a search. Masklets that were propagated to the end stay; the others go. Harmless after it has ended."""
    return await service.cancel(session, auto_labeling_id)
