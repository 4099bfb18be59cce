"""The parts that `maskloom up` keeps running, and the disk that they share."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from backend.storage.room import full_disk, tells_of_full_disk
from backend.supervisor.child import Child
from backend.supervisor.database import Database
from backend.terminal import say

_TICK_SECONDS = 0.1
_SECONDS_BETWEEN_DISK_CHECKS = 2.0

Answer = TypeVar("Answer")


class Household:
    """The database, if it is ours, and the other processes."""

    def __init__(self, folder: Path) -> None:
        self.children: list[Child] = []
        self.database: Database | None = None
        self._folder = folder
        self._next_disk_check = 0.0
        self._is_full = False

    @property
    def is_full(self) -> bool:
        """Whether the disk was full at the last look."""
        return self._is_full

    def tick(self) -> None:
        """Look at every part once, restart what ended or does not answer, and wait a moment."""
        self._look_at_disk()
        if self.database is not None:
            self.database.tick()
        for child in self.children:
            child.revive(partial(say, child.name))
        time.sleep(_TICK_SECONDS)

    def when_there_is_room(self, work: Callable[[], Answer]) -> Answer:
        """Do what writes to the database; after a full disk made it fail, again when there is room."""
        while True:
            try:
                return work()
            except Exception as error:
                if not (tells_of_full_disk(error) or full_disk(self._folder)):
                    raise
            self.wait_until(lambda: not self._is_full and (self.database is None or self.database.is_up))

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Keep everything running until then; at least for a moment."""
        self._next_disk_check = 0.0
        self.tick()
        while not holds():
            self.tick()

    def _look_at_disk(self) -> None:
        now = time.monotonic()
        if now < self._next_disk_check:
            return
        self._next_disk_check = now + _SECONDS_BETWEEN_DISK_CHECKS
        full = full_disk(self._folder)
        if full is not None and not self._is_full:
            say("disk", f"full: {full}; make room, and everything goes on by itself")
        elif full is None and self._is_full:
            say("disk", "has room again")
        self._is_full = full is not None
