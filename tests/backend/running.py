"""A backend that really listens, in the test's own event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import httpx
import uvicorn

from backend.app import create_app
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
            create_app(settings, clock=clock),
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
