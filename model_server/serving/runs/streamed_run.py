"""Answers that are streamed while they are made: begun before the status is sent, closed when the reader left."""

from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from model_server.serving.problems import RunInProgress

_MAX_EARLY_CANCELS = 10_000


class StreamedRun(Protocol):
    """Anything that goes on for a while on the device, and whose events somebody reads."""

    async def begin(self) -> None:
        """Raise what is wrong before anything is answered."""
        ...

    def events(self) -> AsyncIterator[BaseModel]:
        """The lines of the answer."""
        ...

    def cancel(self) -> None:
        """Ask nothing more of the device; what is told ends with an `end` line."""
        ...

    def close(self) -> None:
        """Nobody reads any more, or all was read."""
        ...


class Runs:
    """Runs by id, and the cancellations that came before their run."""

    def __init__(self) -> None:
        self._active: dict[str, StreamedRun] = {}
        self._cancelled_early: OrderedDict[str, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._active)

    def register(self, run_id: str, run: StreamedRun) -> None:
        """From now on the run can be cancelled; one that was cancelled already starts cancelled."""
        if run_id in self._active:
            raise RunInProgress(f"run {run_id}")
        self._active[run_id] = run
        if run_id in self._cancelled_early:
            run.cancel()

    def remove(self, run_id: str) -> None:
        """The run is over."""
        del self._active[run_id]

    def cancel(self, run_id: str) -> None:
        """Cancel the run now, or as soon as it comes. Only the latest cancellations of absent runs are remembered."""
        run = self._active.get(run_id)
        if run is not None:
            run.cancel()
            return
        self._cancelled_early[run_id] = None
        while len(self._cancelled_early) > _MAX_EARLY_CANCELS:
            self._cancelled_early.popitem(last=False)


@asynccontextmanager
async def begun(run_id: str, run: StreamedRun, runs: Runs) -> AsyncIterator[None]:
    """The run can be cancelled by its id; however the answer ends, the run is closed."""
    runs.register(run_id, run)
    try:
        await run.begin()
        yield
    finally:
        runs.remove(run_id)
        run.close()


def json_lines(run: StreamedRun) -> StreamingResponse:
    """One line for each event."""

    async def lines() -> AsyncIterator[bytes]:
        async for event in run.events():
            yield event.model_dump_json().encode() + b"\n"

    return StreamingResponse(lines(), media_type="application/jsonl")
