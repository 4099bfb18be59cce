"""The simulated clock, by which an hour of work takes only as long as the computer needs for it."""

from datetime import UTC, datetime, timedelta

_MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)


class SimulatedClock:
    """A clock that stands still until it is advanced. It implements `backend.timing.clock.Clock`."""

    def __init__(self, start: datetime = _MONDAY) -> None:
        self._start = start
        self.seconds = 0.0

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=self.seconds)

    def advance_to(self, seconds: float) -> None:
        """Advance the clock, which never runs backwards."""
        self.seconds = max(self.seconds, seconds)
