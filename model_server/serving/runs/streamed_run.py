"""Runs whose answer is streamed while it is made: begun before the status is sent, closed when the reader leaves."""

from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from model_server.serving.problems import RunInProgress

HEARTBEAT_SECONDS = 1.0
"""How long a stream may be silent while its reader waits."""
_MAX_EARLY_CANCELS = 10_000


class StreamedRun(Protocol):
    """Work that goes on for a while on the device and reports events to a reader."""

    async def begin(self) -> None:
        """Raise any problem before the answer begins."""
        ...

    def events(self) -> AsyncIterator[BaseModel]:
        """The lines of the answer."""
        ...

    def cancel(self) -> None:
        """Queue no more work; the events end with an `end` line."""
        ...

    def close(self) -> None:
        """Called once, when everything was read or the reader has left."""
        ...


class ActiveRuns:
    """Runs by id, and cancellations that arrived before their run."""

    def __init__(self) -> None:
        self._active: dict[str, StreamedRun] = {}
        self._cancelled_early: OrderedDict[str, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._active)

    def register(self, run_id: str, run: StreamedRun) -> None:
        """Make the run cancellable; it starts cancelled if that arrived first. RunInProgress for an id in use."""
        if run_id in self._active:
            raise RunInProgress(f"run {run_id}")
        self._active[run_id] = run
        if run_id in self._cancelled_early:
            run.cancel()

    def remove(self, run_id: str) -> None:
        """Forget a run that is over."""
        del self._active[run_id]

    def cancel(self, run_id: str) -> None:
        """Cancel the run now, or as soon as it arrives; a limited number of early cancellations is kept."""
        run = self._active.get(run_id)
        if run is not None:
            run.cancel()
            return
        self._cancelled_early[run_id] = None
        while len(self._cancelled_early) > _MAX_EARLY_CANCELS:
            self._cancelled_early.popitem(last=False)


@asynccontextmanager
async def begun(run_id: str, run: StreamedRun, runs: ActiveRuns) -> AsyncGenerator[None]:
    """Begin the run and make it cancellable by its id; however the block ends, the run is closed."""
    runs.register(run_id, run)
    try:
        await run.begin()
        yield
    finally:
        runs.remove(run_id)
        run.close()


def json_lines(run: StreamedRun) -> StreamingResponse:
    """The run's events, one line each."""

    async def lines() -> AsyncIterator[bytes]:
        async for event in run.events():
            yield event.model_dump_json().encode() + b"\n"

    return StreamingResponse(lines(), media_type="application/jsonl")
