"""Routes about the server itself."""

from contextlib import suppress

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from model_server.contract.catalogue import CONTRACT_VERSION, HealthRead
from model_server.serving.problems import ModelServerError
from model_server.serving.routes.server import Serving

router = APIRouter(prefix="/v1")


@router.get("/health")
async def health(server: Serving) -> Response:
    """200 once the default model answers, 503 before."""
    loader = server.loader
    if loader.status == "failed":  # another model may have been promoted since
        with suppress(ModelServerError):
            await loader.wanted(None)
    body = HealthRead(
        status=loader.status,
        contract_version=CONTRACT_VERSION,
        detail=loader.detail,
        free_bytes=server.sessions.free_bytes,
        num_waiting=server.worker.num_waiting(),
        busy_seconds=round(server.worker.busy_seconds(), 1),
    )
    return JSONResponse(body.model_dump(mode="json"), 200 if loader.status == "ready" else 503)
