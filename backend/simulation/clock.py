"""The clock of a simulation: an hour of work takes as long as the computer needs for it."""

from datetime import UTC, datetime, timedelta

_MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)


class SimulatedClock:
    """Stands still until somebody lets time pass. Also a `backend.timing.clock.Clock`: calling it says the time."""

    def __init__(self, start: datetime = _MONDAY) -> None:
        self._start = start
        self.seconds = 0.0

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=self.seconds)

    def advance_to(self, seconds: float) -> None:
        """It never runs backwards."""
        self.seconds = max(self.seconds, seconds)
