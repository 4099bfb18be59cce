"""Ctrl+C that waits for the mask at hand."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stopping() -> Iterator[Event]:
    """An event that Ctrl+C or a termination sets, in place of breaking off; a second one breaks off as ever."""
    asked = Event()
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def ask(*_: object) -> None:
        asked.set()
        restore()

    for number in _SIGNALS:
        signal.signal(number, ask)
    try:
        yield asked
    finally:
        restore()
