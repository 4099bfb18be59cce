"""The current speed of a run."""

import time
from collections import deque
from collections.abc import Callable

_WINDOW_SECONDS = 5.0


class Pace:
    """Masks per second over the last few seconds."""

    def __init__(self, *, num_masklets: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._num_masklets = num_masklets
        self._arrived: deque[tuple[float, int]] = deque()
        self.total = 0

    def add(self, num_masks: int) -> None:
        """Record that this number of masks was stored just now."""
        now = self._clock()
        self.total += num_masks
        self._arrived.append((now, num_masks))
        while now - self._arrived[0][0] > _WINDOW_SECONDS:
            self._arrived.popleft()

    def frames_per_second(self) -> float | None:
        """None until masks have been stored at two points in time, and again after a few seconds without a mask."""
        if len(self._arrived) < 2 or self._clock() - self._arrived[-1][0] > _WINDOW_SECONDS:
            return None
        seconds = self._arrived[-1][0] - self._arrived[0][0]
        masks = sum(count for _time, count in self._arrived) - self._arrived[0][1]
        return masks / seconds / self._num_masklets if seconds > 0 else None
