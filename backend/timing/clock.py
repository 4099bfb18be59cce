"""The clock that stamps receipts."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

Clock = Callable[[], datetime]
"""Says the time, with a time zone.

Given to `create_app(clock=...)` by whoever composes the application: a simulation in which a day takes a second, a test
of years. Activity events are then stamped with it (`created_at`) when they are received, and nothing else is. No route
can set it. Without one the database's clock counts, so that several backends agree.
"""


def _received_at(request: Request) -> datetime | None:
    clock: Clock | None = request.state.clock
    return None if clock is None else clock()


ReceivedAt = Annotated[datetime | None, Depends(_received_at)]
"""When this request came, by the application's own clock; None: by the database's."""
