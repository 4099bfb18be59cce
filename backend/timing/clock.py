"""The clock that stamps activity events on receipt."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

Clock = Callable[[], datetime]
"""Returns the time, with a time zone.

It can be passed to `create_app(clock=...)`, for example by a simulation in which a day takes a second. It then stamps
activity events on receipt (`created_at`), and nothing else. No route can set it. Without it, the database's clock is
used, so that several backends agree.
"""


async def _received_at(request: Request) -> datetime | None:
    clock: Clock | None = request.state.clock
    return None if clock is None else clock()


ReceivedAt = Annotated[datetime | None, Depends(_received_at)]
"""The time of this request by the application's own clock; None means the database's clock."""
