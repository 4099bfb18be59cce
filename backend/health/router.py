"""Public routes that report health and readiness."""

from fastapi import APIRouter, Request, Response

from backend.auth.access import public
from backend.db.session import ShortSessions
from backend.health.schemas import HealthRead, Readiness
from backend.health.service import health, readiness
from backend.jobs.dependency import Queue

router = APIRouter(prefix="/api/health", tags=["health"])


@router.get("/live", status_code=204, dependencies=[public])
async def read_liveness(response: Response) -> None:
    """Whether this process answers at all. It asks nothing else, and restarts are decided by it."""
    response.headers["Cache-Control"] = "no-store"


@router.get(
    "/ready",
    responses={503: {"model": Readiness, "description": "This backend cannot take requests"}},
    dependencies=[public],
)
async def read_readiness(response: Response, sessions: ShortSessions, queue: Queue) -> Readiness:
    """Whether this backend takes requests. It does without a model server: people can still view, draw and verify."""
    state = await readiness(sessions, queue)
    response.status_code = 200 if state.status == "ok" else 503
    response.headers["Cache-Control"] = "no-store"
    return state


@router.get(
    "", responses={503: {"model": HealthRead, "description": "Some part is down or starting"}}, dependencies=[public]
)
async def read_health(request: Request, response: Response, sessions: ShortSessions, queue: Queue) -> HealthRead:
    """The health of the database, the model servers and the jobs. The status is 503 while one of them is down."""
    held = request.state
    state = await health(sessions, held.model_client, queue, bus=held.bus, vitals=held.vitals)
    response.status_code = 200 if state.status == "ok" else 503
    response.headers["Cache-Control"] = "no-store"
    return state
