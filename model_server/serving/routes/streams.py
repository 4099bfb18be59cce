"""The HTTP face of searches for masks."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from model_server.contract.search import SearchRequest
from model_server.serving.conversion import checked_frame
from model_server.serving.routes.tracking import Serving
from model_server.serving.runs.search import SearchRun
from model_server.serving.runs.streamed_run import begun, json_lines

router = APIRouter(prefix="/v1")


async def _begun_search(session_id: str, body: SearchRequest, server: Serving) -> AsyncIterator[SearchRun]:
    """The search, begun before the answer's status is sent, and cancelled when its reader left."""
    with server.sessions.using(session_id, body.epoch) as session:
        checked_frame(body.frame_index, session.reader)
        run = SearchRun(body, session, server.worker)
        async with begun(body.run_id, run, server.runs):
            yield run


@router.post("/sessions/{session_id}/automatic-masks")
async def automatic_masks(run: Annotated[SearchRun, Depends(_begun_search)]) -> StreamingResponse:
    """Progress, then masks, as JSON Lines. Complete only with an `end` line; cancelled as propagations are."""
    return json_lines(run)
