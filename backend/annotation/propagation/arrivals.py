"""Batches of a run's events: masks that arrive while others are being stored are stored together."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

from backend.background import end
from model_server.contract.tracking import RunEvent

_MOST_AT_ONCE = 64  # events in one batch, and events waiting for the next

Arrival = RunEvent | Exception
"""An event, or the error that ended the stream."""


@asynccontextmanager
async def batches(events: AsyncIterator[RunEvent]) -> AsyncGenerator[AsyncIterator[list[Arrival]]]:
    """Batches of at least one event. If the stream breaks off, its error is the last arrival."""
    arrivals: asyncio.Queue[Arrival] = asyncio.Queue(_MOST_AT_ONCE)
    reader = asyncio.create_task(_read(events, arrivals))
    try:
        async with aclosing(_gathered(arrivals)) as gathered:
            yield gathered
    finally:
        await end([reader])


async def _read(events: AsyncIterator[RunEvent], arrivals: asyncio.Queue[Arrival]) -> None:
    try:
        async for event in events:
            await arrivals.put(event)
    except Exception as error:
        await arrivals.put(error)


async def _gathered(arrivals: asyncio.Queue[Arrival]) -> AsyncGenerator[list[Arrival]]:
    while True:
        batch = [await arrivals.get()]
        while not arrivals.empty() and len(batch) < _MOST_AT_ONCE:
            batch.append(arrivals.get_nowait())
        yield batch
