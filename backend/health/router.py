from fastapi import APIRouter, Request, Response

from backend.auth.access import public
from backend.db.session import ShortSessions
from backend.health.schemas import HealthRead
from backend.health.service import health
from backend.jobs.dependency import Queue

router = APIRouter(prefix="/api/health", tags=["health"])


@router.get(
    "", responses={503: {"model": HealthRead, "description": "Some part is down or starting"}}, dependencies=[public]
)
async def read_health(request: Request, response: Response, sessions: ShortSessions, queue: Queue) -> HealthRead:
    """Whether database, model server and jobs serve; 503 with the same body while one does not."""
    state = await health(sessions, request.state.model_client, queue)
    response.status_code = 200 if state.status == "ok" else 503
    response.headers["Cache-Control"] = "no-store"
    return state
