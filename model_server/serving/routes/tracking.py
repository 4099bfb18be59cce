"""The HTTP face: parse, hand to the device thread, answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from model_server.contract.catalogue import CONTRACT_VERSION, HealthRead
from model_server.contract.masks import MaskResult
from model_server.contract.prompts import ClearFrameRequest, PromptRequest
from model_server.contract.sessions import OpenSessionRequest, Restored, RestoreRequest, SessionRead, WarmRequest
from model_server.contract.tracking import PropagateRequest
from model_server.serving.conversion import checked_frame, frame_prompt, mask_result
from model_server.serving.gpu_worker import GpuWorker, Priority
from model_server.serving.models.loader import ModelLoader
from model_server.serving.models.shelf import Shelf
from model_server.serving.problems import ModelServerError
from model_server.serving.runs.propagation import PropagationRun
from model_server.serving.runs.streamed_run import Runs, begun, json_lines
from model_server.serving.sessions.register import Sessions
from model_server.serving.sessions.restore import Restore
from model_server.serving.sessions.session import Edit

log = structlog.get_logger()
router = APIRouter(prefix="/v1")


@dataclass(frozen=True, slots=True)
class Server:
    """What the routes work with; one per process, made by `create_app`."""

    shelf: Shelf
    loader: ModelLoader
    worker: GpuWorker
    sessions: Sessions
    runs: Runs


def _server(request: Request) -> Server:
    return request.app.state.server


Serving = Annotated[Server, Depends(_server)]


@router.get("/health")
async def health(server: Serving) -> Response:
    """200 once the model answers."""
    loader = server.loader
    if loader.status == "failed":  # another may have been promoted since
        with suppress(ModelServerError):
            await loader.wanted(None)
    body = HealthRead(
        status=loader.status,
        contract_version=CONTRACT_VERSION,
        detail=loader.detail,
        free_bytes=server.sessions.free_bytes,
    )
    return JSONResponse(body.model_dump(mode="json"), 200 if loader.status == "ready" else 503)


@router.put("/sessions/{session_id}")
async def open_session(session_id: str, body: OpenSessionRequest, response: Response, server: Serving) -> SessionRead:
    """201 for a new tracking session, 200 for one open with this epoch and model, 409 for a stale epoch."""
    segmenter = await server.loader.wanted(body.model)
    session, is_new = await server.sessions.open(session_id, body, segmenter)
    response.status_code = 201 if is_new else 200
    return SessionRead(
        session_id=session_id,
        epoch=session.epoch,
        model=segmenter.info.name,
        model_version=segmenter.info.version,
        tokens=dict(session.tokens),
    )


@router.delete("/sessions/{session_id}", status_code=204)
async def close_session(session_id: str, server: Serving) -> None:
    """Close it, whether it is open or not; its runs end with an error line."""
    server.sessions.close(session_id)


@router.post("/sessions/{session_id}/prompt")
async def prompt(session_id: str, body: PromptRequest, server: Serving) -> MaskResult:
    """The mask that the frame's complete prompt set gives."""
    with server.sessions.using(session_id, body.epoch) as session:
        frame_index = checked_frame(body.frame_index, session.reader)
        asked = frame_prompt(body.prompt, session.reader)
        edit = Edit(body.object_id, body.base_token, body.token)
        done = await server.worker.run(Priority.prompt, partial(session.prompt, edit, frame_index, asked))
        log.info("prompt.answered", session_id=session_id, frame_index=frame_index, seconds=round(done.seconds, 4))
    return await asyncio.to_thread(mask_result, done.result, done.seconds, session.model_version)


@router.post("/sessions/{session_id}/objects/{object_id}/clear-frame", status_code=204)
async def clear_frame(session_id: str, object_id: str, body: ClearFrameRequest, server: Serving) -> None:
    """Take the prompts of a frame back."""
    with server.sessions.using(session_id, body.epoch) as session:
        frame_index = checked_frame(body.frame_index, session.reader)
        edit = Edit(object_id, body.base_token, body.token)
        await server.worker.run(Priority.prompt, partial(session.clear_frame, edit, frame_index))


@router.post("/sessions/{session_id}/objects/{object_id}/forget", status_code=204)
async def forget(session_id: str, object_id: str, server: Serving) -> None:
    """Drop the object; it is new afterwards."""
    with server.sessions.using(session_id) as session:
        await server.worker.run(Priority.prompt, partial(session.forget, object_id))


@router.post("/sessions/{session_id}/restore")
async def restore(session_id: str, body: RestoreRequest, server: Serving) -> Restored:
    """Give the object the history that `token` names."""
    with server.sessions.using(session_id, body.epoch) as session:
        return Restored(restored=await Restore(body, session, server.worker).run())


@router.post("/sessions/{session_id}/warm", status_code=202)
async def warm(session_id: str, body: WarmRequest, server: Serving) -> None:
    """Encode a frame soon; only the latest wish of a session counts."""
    with server.sessions.using(session_id, body.epoch) as session:
        session.wanted_frames.append(checked_frame(body.frame_index, session.reader))
        server.worker.submit(Priority.warm, session.warm)


async def _begun_run(session_id: str, body: PropagateRequest, server: Serving) -> AsyncIterator[PropagationRun]:
    """The run, begun before the answer's status is sent, and closed when the answer ended or its reader left."""
    with server.sessions.using(session_id, body.epoch) as session:
        checked_frame(body.last_frame, session.reader)
        run = PropagationRun(body, session, server.worker)
        async with begun(body.run_id, run, server.runs):
            yield run


@router.post("/sessions/{session_id}/propagate")
async def propagate(run: Annotated[PropagationRun, Depends(_begun_run)]) -> StreamingResponse:
    """Masks as JSON Lines, as they are made. Complete only with an `end` line."""
    return json_lines(run)


@router.post("/runs/{run_id}/cancel", status_code=202)
async def cancel(run_id: str, server: Serving) -> None:
    """End the run within one step; also a run that has not come yet."""
    server.runs.cancel(run_id)
