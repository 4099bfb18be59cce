"""Routes for activity events and annotation time."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.permissions import Permission
from backend.auth.tenure import while_it_stands
from backend.db.session import Autocommit, Session, ShortSessions
from backend.problems import problems
from backend.projects.problems import ProjectNotFound
from backend.projects.resource import PROJECT
from backend.timing import service
from backend.timing.activity_log import LogFormat, log_pieces
from backend.timing.clock import ReceivedAt
from backend.timing.events import IDLE_SECONDS
from backend.timing.schemas import ActivityAccepted, ActivityBatch, VideoTimingRead
from backend.timing.viewer import ProjectViewer, VideoViewer
from backend.videos.problems import VideoNotFound
from backend.videos.resource import VIDEO

router = APIRouter(prefix="/api", tags=["timing"])


@router.post("/activity", status_code=202, dependencies=[access(Permission.view)])
async def record_activity(
    body: ActivityBatch, session: Autocommit, actor: Actor, received_at: ReceivedAt
) -> ActivityAccepted:
    """Store activity events. An event that is sent twice is stored once."""
    return await service.record_activity(session, body, actor, received_at=received_at)


async def _existing_project(project_id: UUID, sessions: ShortSessions) -> UUID:
    async with sessions.begin() as session:  # before the stream begins, while a status can still be sent
        await service.require_project(session, project_id)
    return project_id


@router.get(
    "/projects/{project_id}/activity",
    response_class=StreamingResponse,
    responses=problems(ProjectNotFound) | {200: {"content": {"application/jsonl": {}, "text/csv": {}}}},
    dependencies=[access(Permission.view, PROJECT)],
)
async def activity_log(
    project_id: Annotated[UUID, Depends(_existing_project)],
    request: Request,
    sessions: ShortSessions,
    viewer: ProjectViewer,
    form: Annotated[LogFormat, Query(alias="format")] = LogFormat.jsonl,
) -> StreamingResponse:
    """A project's raw activity log: every event as stored, in order of receipt.

    Managers get all events, other people their own.
    """
    media_type = "text/csv; charset=utf-8" if form is LogFormat.csv else "application/jsonl"
    headers = {"Content-Disposition": f'attachment; filename="activity.{form}"'}
    pieces = log_pieces(sessions, project_id, form, only=viewer.only)
    return StreamingResponse(while_it_stands(request, pieces), media_type=media_type, headers=headers)


@router.get(
    "/videos/{video_id}/timing", responses=problems(VideoNotFound), dependencies=[access(Permission.view, VIDEO)]
)
async def video_timing(
    video_id: UUID,
    session: Session,
    viewer: VideoViewer,
    idle_seconds: Annotated[float, Query(ge=1, le=600)] = IDLE_SECONDS,
) -> VideoTimingRead:
    """Seconds by masklet, derived from the activity events stored so far: yours or, for managers, everybody's."""
    return await service.video_timing(session, video_id, viewer, idle_seconds=idle_seconds)
