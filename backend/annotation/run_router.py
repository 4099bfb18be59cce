from uuid import UUID

from fastapi import APIRouter

from backend.annotation import run_service
from backend.annotation.desk import Desk
from backend.annotation.reading import run_read
from backend.annotation.refusals import (
    FrameOutOfRange,
    NothingToPropagate,
    PropagationRunning,
    RunNotFound,
    TaskIsOneFrame,
)
from backend.annotation.resource import RUN
from backend.annotation.schemas import RunCreate, RunRead
from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.authorization import Permission
from backend.db.session import Session, ShortSessions
from backend.masklets.headers import AuthorHeaders
from backend.masklets.problems import LEASE_ERRORS, MaskletNotFound
from backend.phases.problems import PhaseForbids
from backend.problems import IdempotencyKeyReused, problems
from backend.videos.problems import VideoNotFound, VideoNotReady
from backend.videos.resource import VIDEO

router = APIRouter(prefix="/api", tags=["propagation"])
_CREATE_ERRORS = (
    VideoNotFound,
    VideoNotReady,
    MaskletNotFound,
    FrameOutOfRange,
    NothingToPropagate,
    PhaseForbids,
    PropagationRunning,
    TaskIsOneFrame,
    IdempotencyKeyReused,
    *LEASE_ERRORS,
)


@router.post(
    "/videos/{video_id}/runs",
    status_code=202,
    responses=problems(*_CREATE_ERRORS),
    dependencies=[access(Permission.annotate, VIDEO)],
)
async def create_run(
    video_id: UUID, body: RunCreate, author: AuthorHeaders, desk: Desk, sessions: ShortSessions
) -> RunRead:
    """Propagate masklets through the video. The backend does it, whatever becomes of the browser."""
    async with sessions.begin() as session:
        run = await run_service.create_run(session, video_id, body, author)
    desk.driver.start(run)  # once it is committed
    return run_read(run, desk.driver.frames_per_second)


@router.post(
    "/runs/{run_id}/cancel",
    responses=problems(RunNotFound, *LEASE_ERRORS),
    dependencies=[access(Permission.annotate, RUN)],
)
async def cancel_run(run_id: UUID, desk: Desk, sessions: ShortSessions, actor: Actor) -> RunRead:
    """Stop it within one frame's step. Its masks stay; undo takes them away. Harmless when it is over."""
    async with sessions.begin() as session:
        run = await run_service.cancel_run(session, run_id, viewer_id=actor.user_id)
    await desk.driver.drop_ended()
    return run_read(run, desk.driver.frames_per_second)


@router.get("/runs/{run_id}", responses=problems(RunNotFound), dependencies=[access(Permission.view, RUN)])
async def read_run(run_id: UUID, desk: Desk, session: Session, actor: Actor) -> RunRead:
    return await run_service.read_run(session, run_id, desk.driver.frames_per_second, viewer_id=actor.user_id)
