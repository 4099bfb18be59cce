"""A backend that really listens, in the test's own event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import httpx
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from backend import app
from backend.settings import Settings
from backend.timing.clock import Clock


@dataclass(frozen=True)
class RunningBackend:
    """`client` speaks to it over TCP, as a browser would; paths begin with /api."""

    settings: Settings
    url: str
    client: httpx.AsyncClient


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # the test runner's own handlers stay


@asynccontextmanager
async def running_backend(settings: Settings, *, clock: Clock | None = None) -> AsyncIterator[RunningBackend]:
    """Start it on a free port; stopped cleanly at the end of the block."""
    # Its protocol is named, else asyncio leaves Nagle's algorithm on and every answer takes 40 ms more.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = _Server(
        uvicorn.Config(
            _application(settings, clock),
            log_level="warning",
            timeout_keep_alive=75,  # as `maskloom up` has it: a client never writes to a closed connection
            timeout_graceful_shutdown=2,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            if serving.done():
                await serving
            await asyncio.sleep(0.01)
        async with httpx.AsyncClient(base_url=url, timeout=30) as client:
            yield RunningBackend(settings, url, client)
    finally:
        server.should_exit = True
        await serving
        listener.close()


def _application(settings: Settings, clock: Clock | None) -> ASGIApp:
    """As `create_app` makes it, but with the routes of one that answered before.

    FastAPI works out what a route takes when the first request comes: for every test anew, that took longer than what
    the test asked. What a backend knows is in its lifespan's state, which is its own.
    """
    own = app.create_app(settings, clock=clock)
    routers = tuple(map(id, app.ROUTERS))
    shared = _routes(routers, settings.max_upload_bytes, settings.public_origin, settings.frontend_dir)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await (own if scope["type"] == "lifespan" else shared)(scope, receive, send)

    return application


@cache
def _routes(_routers: tuple[int, ...], max_upload_bytes: int, public_origin: str, frontend_dir: Path) -> ASGIApp:
    """By all that `create_app` goes by, except what it gives to the lifespan."""
    about = {"max_upload_bytes": max_upload_bytes, "public_origin": public_origin, "frontend_dir": frontend_dir}
    return app.create_app(Settings(sign_in="accounts", **about))
