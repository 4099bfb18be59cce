"""The current speed of a run, steady enough to foretell its end."""

import time
from collections import deque
from collections.abc import Callable

_WINDOW_SECONDS = 60.0
_SILENCE_SECONDS = 10.0


class Pace:
    """Masks per second over the last minute, or since the run began.

    On a busy machine a few seconds hold ten masks or none, and a time left that is worked out from those jumps.
    """

    def __init__(self, *, num_masklets: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._num_masklets = num_masklets
        self._arrived: deque[tuple[float, int]] = deque()
        self.total = 0

    def add(self, num_masks: int) -> None:
        """Record that this number of masks was stored just now; 0 tells nothing."""
        if not num_masks:
            return
        now = self._clock()
        self.total += num_masks
        self._arrived.append((now, num_masks))
        while now - self._arrived[0][0] > _WINDOW_SECONDS:
            self._arrived.popleft()

    def frames_per_second(self) -> float | None:
        """None until masks have been stored at two points in time, and after a long silence."""
        if len(self._arrived) < 2 or self._clock() - self._arrived[-1][0] > _SILENCE_SECONDS:
            return None
        seconds = self._arrived[-1][0] - self._arrived[0][0]
        masks = sum(count for _time, count in self._arrived) - self._arrived[0][1]
        return masks / seconds / self._num_masklets if seconds > 0 else None
