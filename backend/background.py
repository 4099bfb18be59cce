"""Work beside the rest of the process, which begins with a block and ends with it."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog

_log = structlog.get_logger()
_PATIENCE_SECONDS = 2.0


@asynccontextmanager
async def background(
    *works: Coroutine[Any, Any, object], patience_seconds: float = _PATIENCE_SECONDS
) -> AsyncGenerator[None]:
    """Let all of this run while the block lasts. See `end` for how it is ended."""
    tasks = [asyncio.create_task(work, name=work.__qualname__) for work in works]
    try:
        yield
    finally:
        await end(tasks, patience_seconds=patience_seconds)


async def end(tasks: Collection[asyncio.Task[Any]], *, patience_seconds: float = _PATIENCE_SECONDS) -> None:
    """Cancel tasks until they are over, however they end.

    Once is not enough. A library may lose a cancellation that comes together with an answer. Where cleaning up fails,
    as on a dead connection, its error takes the cancellation's place, and a loop that survives errors goes on.
    """
    while left := [task for task in tasks if not task.done()]:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=patience_seconds)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("background.failed", work=task.get_name(), exc_info=error)
