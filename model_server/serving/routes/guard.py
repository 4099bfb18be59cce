"""Requests that are rejected unread: those of browsers, and bodies that are too large."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from model_server.serving.problems import (
    BrowserRefused,
    LengthRequired,
    ModelServerError,
    RequestTooLarge,
    problem_response,
)


class RequestGuard:
    """ASGI middleware. The server enforces a body's Content-Length, so checking the header is enough."""

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer with a problem."""
        found = self._problem(Headers(scope=scope)) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
        else:
            await problem_response(found.problem(), {"Connection": "close"})(scope, receive, send)

    def _problem(self, headers: Headers) -> ModelServerError | None:
        if "origin" in headers or "sec-fetch-site" in headers:
            return BrowserRefused("the model server answers the backend only")
        if "transfer-encoding" in headers:
            return LengthRequired("send the body with its length")
        if int(headers.get("content-length", "0")) > self._max_bytes:
            return RequestTooLarge(f"at most {self._max_bytes} bytes")
        return None
