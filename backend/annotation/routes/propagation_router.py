"""Routes that start, stop and read a propagation."""

from uuid import UUID

from fastapi import APIRouter

from backend.annotation.engine import Engine
from backend.annotation.propagation import service
from backend.annotation.record.problems import (
    FrameOutOfRange,
    NothingToPropagate,
    PropagationRunning,
    RunNotFound,
    TaskIsOneFrame,
)
from backend.annotation.record.schemas import RunCreate, RunRead
from backend.annotation.record.views import run_read
from backend.annotation.routes.run_resource import RUN
from backend.auth.access import access
from backend.auth.actor import Actor
from backend.auth.permissions import Permission
from backend.db.session import Autocommit, ShortSessions
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
    video_id: UUID, body: RunCreate, author: AuthorHeaders, engine: Engine, sessions: ShortSessions
) -> RunRead:
    """Propagate masklets through the video. The backend continues even if the browser is closed."""
    async with sessions.begin() as session:
        run = await service.create_run(session, video_id, body, author)
    engine.driver.start(run)  # after the commit
    return run_read(run, engine.driver.frames_per_second)


@router.post(
    "/runs/{run_id}/cancel",
    responses=problems(RunNotFound, *LEASE_ERRORS),
    dependencies=[access(Permission.annotate, RUN)],
)
async def cancel_run(run_id: UUID, engine: Engine, sessions: ShortSessions, actor: Actor) -> RunRead:
    """Stop a propagation within one frame. Its masks stay; undo removes them. Harmless after it has ended."""
    async with sessions.begin() as session:
        run = await service.cancel_run(session, run_id, viewer_id=actor.user_id)
    await engine.driver.drop_ended()
    return run_read(run, engine.driver.frames_per_second)


@router.get("/runs/{run_id}", responses=problems(RunNotFound), dependencies=[access(Permission.view, RUN)])
async def read_run(run_id: UUID, engine: Engine, session: Autocommit, actor: Actor) -> RunRead:
    return await service.read_run(session, run_id, engine.driver.frames_per_second, viewer_id=actor.user_id)
