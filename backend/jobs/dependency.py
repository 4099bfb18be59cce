"""The dependency by which routes get the job queue."""

from typing import Annotated

from fastapi import Depends, Request

from backend.jobs.queue import JobQueue


async def _queue(request: Request) -> JobQueue:
    queue: JobQueue = request.state.queue
    return queue


Queue = Annotated[JobQueue, Depends(_queue)]
"""The durable queue. `await queue.add(session, Job(...))` commits with the request."""
