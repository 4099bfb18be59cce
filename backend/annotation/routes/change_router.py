"""Routes that read a video's changes, once or as a stream, and that encode a frame ahead of time."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response

from backend.annotation.engine import Engine
from backend.annotation.feeds.problems import TooManyStreams
from backend.annotation.record.problems import FrameOutOfRange
from backend.annotation.record.schemas import Changes, WarmFrame
from backend.annotation.record.undo_limits import LineViewer
from backend.annotation.record.views import PAGE_FRAMES, changes_of, read_outline
from backend.annotation.routes.event_stream import EventStream, event_stream
from backend.annotation.routes.warm_up import warm_up
from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.permissions import Permission
from backend.auth.tenure import Stands
from backend.db.session import Autocommit, ShortSessions
from backend.problems import problems
from backend.tables.base import LAST_SEQ
from backend.videos.problems import VideoNotFound, VideoNotReady
from backend.videos.resource import VIDEO

router = APIRouter(prefix="/api", tags=["following"])
_MOST_FRAMES = 5000

Limit = Annotated[
    int, Query(ge=1, le=_MOST_FRAMES, description="The most frames to return; `more` tells whether there are others.")
]
After = Annotated[int, Query(ge=0, le=LAST_SEQ, description="The last sequence number you have.")]
LastEventId = Annotated[int | None, Header(ge=0, le=LAST_SEQ, description="Sent by the browser when it reconnects.")]


@router.get(
    "/videos/{video_id}/changes", responses=problems(VideoNotFound), dependencies=[access(Permission.view, VIDEO)]
)
async def changes(
    video_id: UUID, engine: Engine, session: Autocommit, actor: Actor, after: After = 0, limit: Limit = PAGE_FRAMES
) -> Changes:
    """What changed on your line of work after a sequence number, in its present state."""
    outline = await read_outline(session, video_id, after=after)
    viewer = LineViewer(actor.user_id, outline.line_of(actor.user_id))
    pace = engine.driver.frames_per_second
    return await changes_of(session, outline, after=after, limit=limit, pace=pace, viewer=viewer)


@router.get(
    "/videos/{video_id}/events",
    response_class=EventStream,
    status_code=200,
    responses=problems(VideoNotFound, TooManyStreams),
    dependencies=[access(Permission.view, VIDEO, lasting=True)],
)
async def events(
    video_id: UUID,
    engine: Engine,
    standing: Stands,
    actor: Actor,
    after: After = 0,
    last_event_id: LastEventId = None,
) -> EventStream:
    """Server-sent events. A `changes` event has the changes; its id is the sequence number to continue from."""
    start = after if last_event_id is None else max(after, last_event_id)
    return await event_stream(engine.feeds, video_id, after=start, standing=standing, viewer_id=actor.user_id)


@router.post(
    "/videos/{video_id}/warm",
    status_code=202,
    responses=problems(VideoNotFound, VideoNotReady, FrameOutOfRange),
    dependencies=[access(Permission.annotate, VIDEO)],
)
async def warm(video_id: UUID, body: WarmFrame, engine: Engine, sessions: ShortSessions) -> Response:
    """Encode a frame while a person looks at it. This is a hint: the status is 202 even if the model server is down."""
    await warm_up(sessions, engine, video_id, body.frame_index)
    return Response(status_code=202)
