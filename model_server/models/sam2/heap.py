"""Returns freed memory that the C library holds on to.

Tracking frees large arrays that lie between small, long-lived ones, and glibc keeps their pages: over ten minutes of
video a process grew by 780 MB although every array had been freed. Trimming the heap from time to time prevents that.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

FRAMES_BETWEEN = 16


class Heap:
    """Counts frames, and trims the heap after every `FRAMES_BETWEEN` of them."""

    def __init__(self) -> None:
        self._frames = 0

    def passed(self) -> None:
        """Count one encoded frame."""
        self._frames += 1
        if self._frames % FRAMES_BETWEEN == 0:
            give_back()


def give_back() -> None:
    """Return free pages to the system; takes a few milliseconds. Does nothing unless the C library is glibc."""
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _malloc_trim() -> Any:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # musl, macOS, Windows
        return None
