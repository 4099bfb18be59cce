from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.authorization import Action
from backend.db.session import Session
from backend.problems import problems
from backend.timing import service
from backend.timing.derive import IDLE_SECONDS
from backend.timing.schemas import ActivityAccepted, ActivityBatch, VideoTimingRead
from backend.videos.refusals import VideoNotFound

router = APIRouter(prefix="/api", tags=["timing"])


@router.post("/activity", status_code=202, dependencies=[access(Action.view)])
async def record_activity(body: ActivityBatch, session: Session, actor: Actor) -> ActivityAccepted:
    """Store what a person did. Sending an event twice stores it once."""
    return await service.record_activity(session, body, actor)


@router.get("/videos/{video_id}/timing", responses=problems(VideoNotFound), dependencies=[access(Action.view, "video")])
async def video_timing(
    video_id: UUID, session: Session, idle_seconds: Annotated[float, Query(ge=1, le=600)] = IDLE_SECONDS
) -> VideoTimingRead:
    """Seconds by masklet, derived from the activity events now."""
    return await service.video_timing(session, video_id, idle_seconds=idle_seconds)
