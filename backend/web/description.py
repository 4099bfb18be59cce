"""The API's own description, for programs."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from backend.auth.access import access
from backend.auth.authorization import Permission


def description_router() -> APIRouter:
    """One route, which does not describe itself."""
    router = APIRouter(include_in_schema=False)

    @router.get("/api/openapi.json", dependencies=[access(Permission.view)])
    def read_description(request: Request) -> JSONResponse:
        """What the API looks like (OpenAPI)."""
        description: dict[str, Any] = request.app.openapi()
        return JSONResponse(description)

    return router
