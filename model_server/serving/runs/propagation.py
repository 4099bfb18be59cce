"""A propagation run: steps on the device thread, events to the reader of the stream.

A step is one frame with all its objects, or with as many as keep the step short. The reader sets the pace: a run keeps
a few steps queued on the device thread and queues another whenever one has been read. A slow reader therefore pauses
the run after `_STEPS_AHEAD` steps, and a reader that leaves ends it. Prompts are answered between steps, even on
objects of the run, which then continues from the new memory.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial

import structlog

from model_server.contract.masks import MaskResult
from model_server.contract.tracking import (
    PropagateRequest,
    RunEnded,
    RunEvent,
    RunFailed,
    RunHeartbeat,
    RunMask,
    RunOpened,
)
from model_server.masks.components import without_specks
from model_server.serving.conversion import mask_result
from model_server.serving.gpu_worker import GpuWorker, Priority
from model_server.serving.problems import ModelServerError
from model_server.serving.runs.frame_order import RunStep, steps_in_order
from model_server.serving.runs.streamed_run import HEARTBEAT_SECONDS
from model_server.serving.sessions.session import Edit, Session, TimedResult

log = structlog.get_logger()

_STEPS_AHEAD = 4
_OBJECTS_AT_FIRST = 2
"""Each of the first may need a frame of its own to be encoded, because it was prompted elsewhere."""
_OBJECTS_AT_ONCE = 8
_STEP_SECONDS = 0.15
"""A prompt waits for one step at most, and takes about as long: slow objects mean fewer objects per step."""


@dataclass(slots=True)
class _Queued:
    outcome: "Future[list[TimedResult]]"
    arrival: "asyncio.Future[list[TimedResult]]"


class PropagationRun:
    """One run: `begin`, then read `events`, then `close`, however it ended."""

    def __init__(self, request: PropagateRequest, session: Session, worker: GpuWorker) -> None:
        self.cancelled = False
        self._request = request
        self._session = session
        self._worker = worker
        self._clean_under = {tracked.object_id: tracked.clean_under for tracked in request.objects}
        self._steps = steps_in_order(request, self._objects_at_once)
        self._affordable = _OBJECTS_AT_FIRST  # objects in a step
        self._queued: deque[_Queued] = deque()
        self._stopped = False  # set by a failing step on the device thread, so that the steps queued behind it see it
        self._beginnings: dict[str, int] | None = None  # of its objects; None until the run has begun
        self._ended = False

    async def begin(self) -> None:
        """Advance the objects' tokens. NeedsRestore if one of them has another history."""
        edits = [Edit(tracked.object_id, tracked.base_token, tracked.token) for tracked in self._request.objects]
        self._beginnings = await self._worker.run(Priority.prompt, partial(self._session.begin_run, edits))

    def cancel(self) -> None:
        """Withdraw every step that has not started; the one on the device is finished and reported."""
        self.cancelled = True
        # Last first: a step that starts meanwhile must not come after one that was withdrawn.
        for queued in reversed(self._queued):
            queued.outcome.cancel()

    async def events(self) -> AsyncIterator[RunEvent]:
        """The lines of the answer, from `open` to `end` or `error`."""
        yield RunOpened(t="open", run_id=self._request.run_id)
        num_masks, start = 0, time.perf_counter()
        try:
            while self._fill():
                arrival = self._queued[0].arrival
                done, _ = await asyncio.wait([arrival], timeout=HEARTBEAT_SECONDS)
                if not done:
                    yield RunHeartbeat(t="heartbeat")
                    continue
                self._queued.popleft()
                for timed in [] if arrival.cancelled() else arrival.result():
                    mask = await asyncio.to_thread(self._mask_result, timed)
                    yield RunMask.model_construct(**dict(mask), t="mask", seq=num_masks, token=timed.token)
                    num_masks += 1
        except ModelServerError as error:
            log.warning("propagation.failed", run_id=self._request.run_id, code=error.slug, detail=error.detail)
            yield RunFailed(t="error", code=error.slug, detail=error.detail)
            return
        self._ended = True
        seconds = time.perf_counter() - start
        log.info(
            "propagation.finished",
            run_id=self._request.run_id,
            masks=num_masks,
            cancelled=self.cancelled,
            seconds=round(seconds, 3),
        )
        yield RunEnded(t="end", frames=num_masks, cancelled=self.cancelled)

    def close(self) -> None:
        """Withdraw the queued steps. Unless `end` was reached, the objects must be restored before they are used."""
        self._stopped = True
        self.cancel()
        if self._beginnings is not None and not self._ended:
            interrupt = partial(self._session.interrupt_run, self._beginnings, self._request.run_id)
            self._worker.submit(Priority.prompt, interrupt)

    def _mask_result(self, timed: TimedResult) -> MaskResult:
        result, under = timed.result, self._clean_under[timed.result.object_id]
        if under:
            result = replace(result, mask=without_specks(result.mask, under=under))
        return mask_result(result, timed.seconds, self._session.model_version)

    def _fill(self) -> bool:
        """Queue steps up to the window. True if there is a step to wait for."""
        while not self.cancelled and len(self._queued) < _STEPS_AHEAD:
            step = next(self._steps, None)
            if step is None:
                break
            outcome = self._worker.submit(Priority.step, partial(self._perform, step))
            self._queued.append(_Queued(outcome, asyncio.wrap_future(outcome)))
        return bool(self._queued)

    def _objects_at_once(self) -> int:
        return self._affordable

    def _perform(self, step: RunStep) -> list[TimedResult]:
        """On the device thread. After a failed step, those behind it do nothing."""
        if self._stopped:
            return []
        assert self._beginnings is not None, "a run is begun before it steps"
        try:
            self._session.expect_beginnings(self._beginnings)
            results = self._session.track_together(step.object_ids, step.frame_index, step.direction)
        except ModelServerError:
            self._stopped = True
            raise
        fitting = int(_STEP_SECONDS / max(results[0].seconds, 1e-6))
        self._affordable = max(1, min(fitting, 2 * len(results), _OBJECTS_AT_ONCE))
        return results
