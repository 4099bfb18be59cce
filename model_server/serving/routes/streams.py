"""Routes that answer with a stream of JSON Lines: propagation, automatic masks, and cancelling either."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from model_server.contract.search import SearchRequest
from model_server.contract.tracking import PropagateRequest
from model_server.serving.conversion import checked_frame
from model_server.serving.routes.server import Serving
from model_server.serving.runs.propagation import PropagationRun
from model_server.serving.runs.search import SearchRun
from model_server.serving.runs.streamed_run import begun, json_lines

router = APIRouter(prefix="/v1")


async def _begun_propagation(session_id: str, body: PropagateRequest, server: Serving) -> AsyncIterator[PropagationRun]:
    """The run, begun before the status is sent, and closed when the answer ends or its reader leaves."""
    with server.sessions.using(session_id, body.epoch) as session:
        checked_frame(body.last_frame, session.reader)
        run = PropagationRun(body, session, server.worker)
        async with begun(body.run_id, run, server.runs):
            yield run


async def _begun_search(session_id: str, body: SearchRequest, server: Serving) -> AsyncIterator[SearchRun]:
    """The search, begun before the status is sent, and cancelled when its reader leaves."""
    with server.sessions.using(session_id, body.epoch) as session:
        checked_frame(body.frame_index, session.reader)
        run = SearchRun(body, session, server.worker)
        async with begun(body.run_id, run, server.runs):
            yield run


@router.post("/sessions/{session_id}/propagate")
async def propagate(run: Annotated[PropagationRun, Depends(_begun_propagation)]) -> StreamingResponse:
    """Masks as they are made. The answer is complete only with its `end` line."""
    return json_lines(run)


@router.post("/sessions/{session_id}/automatic-masks")
async def automatic_masks(run: Annotated[SearchRun, Depends(_begun_search)]) -> StreamingResponse:
    """Progress, then masks. The answer is complete only with its `end` line."""
    return json_lines(run)


@router.post("/runs/{run_id}/cancel", status_code=202)
async def cancel(run_id: str, server: Serving) -> None:
    """End a run within one step; one that has not arrived yet will start cancelled."""
    server.runs.cancel(run_id)
