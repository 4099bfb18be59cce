"""The one thread that owns the device.

Everything that touches the network or a tracking session is a job for this thread, so that neither needs a lock. Jobs
wait in one queue: prompts before warm-ups before replays before steps of runs, in order of arrival among equals. A
propagation is many short jobs, about one per frame, so that a prompt can come between them. A prompt is one job in
steps: after each, whatever is more urgent goes first, and so does an equal that has had less of the device.
"""

import asyncio
import itertools
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import IntEnum
from queue import PriorityQueue
from typing import Any, TypeVar

T = TypeVar("T")


class Priority(IntEnum):
    """Lower values go first."""

    prompt = 0
    warm = 1
    replay = 2
    step = 3
    stop = 4


_SHARE_SECONDS = 0.5
"""A job in steps that has used the device for so long lets newer ones of its priority go first, and so on."""


@dataclass(order=True, slots=True)
class _Job:
    priority: Priority
    shares: int  # of the device's time that it has had
    number: int
    work: Callable[[], Any] = field(compare=False)
    outcome: "Future[Any]" = field(compare=False)
    steps: Generator[None, None, Any] | None = field(default=None, compare=False)
    seconds: float = field(default=0.0, compare=False)


class GpuWorker:
    """The queue and its thread."""

    def __init__(self) -> None:
        self._jobs: PriorityQueue[_Job] = PriorityQueue()
        self._numbers = itertools.count()
        self._accepting = threading.Lock()
        self._stopping = False
        self._begun: float | None = None  # when the job or step at hand began
        self._thread = threading.Thread(target=self._work, name="device", daemon=True)
        self._thread.start()

    def submit(self, priority: Priority, work: Callable[[], T]) -> "Future[T]":
        """Queue `work`. Cancelling the future withdraws it, unless it is already running."""
        return self._queue(_Job(priority, 0, next(self._numbers), work, Future()))

    def submit_steps(self, priority: Priority, steps: Generator[None, None, T]) -> "Future[T]":
        """Queue work in steps. Cancelling the future withdraws those that have not begun."""
        return self._queue(_Job(priority, 0, next(self._numbers), lambda: None, Future(), steps))

    async def run(self, priority: Priority, work: Callable[[], T]) -> T:
        """Queue `work` and wait for its result."""
        return await asyncio.wrap_future(self.submit(priority, work))

    async def run_steps(self, priority: Priority, steps: Generator[None, None, T]) -> T:
        """Queue work in steps and wait for its result. Cancelling the task withdraws the steps that have not begun."""
        return await asyncio.wrap_future(self.submit_steps(priority, steps))

    def num_waiting(self) -> int:
        """Jobs in the queue, including cancelled ones."""
        return self._jobs.qsize()

    def busy_seconds(self) -> float:
        """How long the job or step at hand has been going on; 0 between two of them."""
        begun = self._begun
        return 0.0 if begun is None else time.monotonic() - begun

    def stop(self) -> None:
        """Let the running job finish, cancel the queued ones and end the thread. Blocks."""
        with self._accepting:
            self._stopping = True
            self._jobs.put(_Job(Priority.stop, 0, next(self._numbers), lambda: None, Future()))
        self._thread.join()

    def _queue(self, job: _Job) -> "Future[Any]":
        with self._accepting:
            if self._stopping:
                job.outcome.cancel()
            else:
                self._jobs.put(job)
        return job.outcome

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            if not self._stopping:
                self._begun = time.monotonic()
                self._perform(job)
                self._begun = None
            elif job.priority is Priority.stop:
                return
            else:
                job.outcome.cancel()
            # Do not hold the last job and its closure while waiting for the next.
            del job

    def _perform(self, job: _Job) -> None:
        if job.steps is None:
            _perform(job)
        elif job.outcome.cancelled():
            job.steps.close()
        elif not _has_ended(job, job.steps):
            seconds = job.seconds
            self._queue(replace(job, shares=int(seconds / _SHARE_SECONDS), number=next(self._numbers)))


def _has_ended(job: _Job, steps: Generator[None, None, Any]) -> bool:
    """Take one step. Its caller may leave at any time, which cancels the outcome."""
    begun = time.perf_counter()
    with suppress(InvalidStateError):
        try:
            next(steps)
        except StopIteration as end:
            job.outcome.set_result(end.value)
        except BaseException as error:
            job.outcome.set_exception(error)
    job.seconds += time.perf_counter() - begun
    return job.outcome.done()


def _perform(job: _Job) -> None:
    if not job.outcome.set_running_or_notify_cancel():
        return
    try:
        result = job.work()
    except BaseException as error:
        job.outcome.set_exception(error)
    else:
        job.outcome.set_result(result)
