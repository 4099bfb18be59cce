"""The event bus that the settings ask for: through Redis or Postgres to other backends, or within this process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from backend.events.bus import EventBus
from backend.events.in_process import InProcessBus
from backend.events.postgres import postgres_bus
from backend.events.redis import redis_bus


@asynccontextmanager
async def event_bus(redis_url: str, *, shared_database: str = "") -> AsyncGenerator[EventBus]:
    """A bus that works while the block lasts. Without a URL of either it does not reach beyond this process."""
    if redis_url:
        async with redis_bus(redis_url) as bus:
            yield bus
    elif shared_database:
        async with postgres_bus(shared_database) as bus:
            yield bus
    else:
        yield InProcessBus()
