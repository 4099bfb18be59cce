"""Routes of tracking sessions: open, close, prompt, restore, warm."""

import asyncio

import structlog
from fastapi import APIRouter, Request, Response

from model_server.contract.masks import MaskResult
from model_server.contract.prompts import PromptRequest
from model_server.contract.sessions import OpenSessionRequest, Restored, RestoreRequest, SessionRead, WarmRequest
from model_server.serving.conversion import checked_frame, frame_prompt, mask_result
from model_server.serving.gpu_worker import Priority
from model_server.serving.routes.connection import while_connected
from model_server.serving.routes.server import Serving
from model_server.serving.sessions.restore import Restore
from model_server.serving.sessions.session import Edit

log = structlog.get_logger()
router = APIRouter(prefix="/v1/sessions/{session_id}")


@router.put("")
async def open_session(session_id: str, body: OpenSessionRequest, response: Response, server: Serving) -> SessionRead:
    """201 for a new tracking session, 200 for one already open with this epoch and model, 409 for a stale epoch."""
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


@router.delete("", status_code=204)
async def close_session(session_id: str, server: Serving) -> None:
    """Close the session if it is open; its runs end with an error line."""
    server.sessions.close(session_id)


@router.post("/prompt")
async def prompt(session_id: str, body: PromptRequest, request: Request, server: Serving) -> MaskResult:
    """The mask for the complete prompt set of a frame. If the caller leaves, what has not begun is withdrawn."""
    with server.sessions.using(session_id, body.epoch) as session:
        frame_index = checked_frame(body.frame_index, session.reader)
        asked = frame_prompt(body.prompt, session.reader)
        edit = Edit(body.object_id, body.base_token, body.token)
        steps = session.prompting(edit, frame_index, asked)
        priority = Priority.replay if body.replay else Priority.prompt
        done = await while_connected(request, server.worker.run_steps(priority, steps))
        log.info("prompt.answered", session_id=session_id, frame_index=frame_index, seconds=round(done.seconds, 4))
    return await asyncio.to_thread(mask_result, done.result, done.seconds, session.model_version)


@router.post("/restore")
async def restore(session_id: str, body: RestoreRequest, request: Request, server: Serving) -> Restored:
    """Give the object the history that `token` names. If the caller leaves, it must be restored again."""
    with server.sessions.using(session_id, body.epoch) as session:
        restored = await while_connected(request, Restore(body, session, server.worker).run())
        return Restored(restored=restored)


@router.post("/warm", status_code=202)
async def warm(session_id: str, body: WarmRequest, server: Serving) -> None:
    """Encode a frame soon; only a session's latest request counts."""
    with server.sessions.using(session_id, body.epoch) as session:
        session.wanted_frames.append(checked_frame(body.frame_index, session.reader))
        server.worker.submit(Priority.warm, session.warm)
