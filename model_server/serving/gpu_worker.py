"""The one thread that owns the device.

Everything that touches the network or a tracking session is a job for this thread, so that neither needs a lock. Jobs
wait in one queue: prompts before warm-ups before steps of runs, in order of arrival among equals. A propagation is many
short jobs, about one per frame, so that a prompt can come between them.
"""

import asyncio
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum
from queue import PriorityQueue
from typing import Any, TypeVar

T = TypeVar("T")


class Priority(IntEnum):
    """Lower values go first."""

    prompt = 0
    warm = 1
    step = 2
    stop = 3


@dataclass(order=True, slots=True)
class _Job:
    priority: Priority
    number: int
    work: Callable[[], Any] = field(compare=False)
    outcome: "Future[Any]" = field(compare=False)


class GpuWorker:
    """The queue and its thread."""

    def __init__(self) -> None:
        self._jobs: PriorityQueue[_Job] = PriorityQueue()
        self._numbers = itertools.count()
        self._accepting = threading.Lock()
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="device", daemon=True)
        self._thread.start()

    def submit(self, priority: Priority, work: Callable[[], T]) -> "Future[T]":
        """Queue `work`. Cancelling the future withdraws it, unless it is already running."""
        outcome: Future[T] = Future()
        with self._accepting:
            if self._stopping:
                outcome.cancel()
            else:
                self._jobs.put(_Job(priority, next(self._numbers), work, outcome))
        return outcome

    async def run(self, priority: Priority, work: Callable[[], T]) -> T:
        """Queue `work` and wait for its result."""
        return await asyncio.wrap_future(self.submit(priority, work))

    def num_waiting(self) -> int:
        """Jobs in the queue, including cancelled ones."""
        return self._jobs.qsize()

    def stop(self) -> None:
        """Let the running job finish, cancel the queued ones and end the thread. Blocks."""
        with self._accepting:
            self._stopping = True
            self._jobs.put(_Job(Priority.stop, next(self._numbers), lambda: None, Future()))
        self._thread.join()

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            if not self._stopping:
                _perform(job)
            elif job.priority is Priority.stop:
                return
            else:
                job.outcome.cancel()
            # Do not hold the last job and its closure while waiting for the next.
            del job


def _perform(job: _Job) -> None:
    if not job.outcome.set_running_or_notify_cancel():
        return
    try:
        result = job.work()
    except BaseException as error:
        job.outcome.set_exception(error)
    else:
        job.outcome.set_result(result)
