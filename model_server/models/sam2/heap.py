"""Returns memory to the system that the C library keeps after it was freed.

Tracking frees large arrays between small ones that stay, and glibc keeps the pages: over ten minutes of video a process
grew by 780 MB whose arrays were all freed. Handing free pages back now and then holds it flat.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

FRAMES_BETWEEN = 16


class Heap:
    """Counts frames, and tidies up after every `FRAMES_BETWEEN` of them."""

    def __init__(self) -> None:
        self._frames = 0

    def passed(self) -> None:
        """One more frame was encoded."""
        self._frames += 1
        if self._frames % FRAMES_BETWEEN == 0:
            give_back()


def give_back() -> None:
    """Hand free pages back to the system: some milliseconds. Does nothing where the C library is not glibc."""
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _malloc_trim() -> Any:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # musl, macOS, Windows
        return None
