"""End event streams when the process is asked to stop.

uvicorn waits for open responses before it shuts the application down, and an event stream never ends by itself.
"""

import asyncio
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from backend.events.bus import EventBus

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def closed_on_exit_signal(bus: EventBus) -> Generator[None]:
    """Close the bus on a signal that ends the process, or at the end of the block. Earlier handlers still run."""
    loop = asyncio.get_running_loop()
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():  # only there can signals be handled; tests run in threads
        for number in _SIGNALS:
            handler = signal.getsignal(number)

            def on_signal(number: int, frame: FrameType | None, handler: object = handler) -> None:
                loop.call_soon_threadsafe(bus.close)
                if callable(handler):
                    handler(number, frame)

            before[number] = handler
            signal.signal(number, on_signal)
    try:
        yield
    finally:
        bus.close()
        for number, handler in before.items():
            signal.signal(number, handler)
