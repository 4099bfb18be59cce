"""Keep the embedded Postgres running: it is started again whenever it ends, as soon as there is room on the disk."""

import time
from collections.abc import Callable
from pathlib import Path

from backend.db.cluster.problems import EmbeddedPostgresError
from backend.db.embedded import EmbeddedPostgres
from backend.storage.room import NO_ROOM, full_disk, tells_of_full_disk
from backend.supervisor.pulse import Pulse

_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 10.0
_RECOVERY_SECONDS = 600.0  # recovery after a crash may replay a lot
_STEADY_SECONDS = 30.0

Announce = Callable[[str], None]


class Database:
    """The embedded Postgres under supervision. Nothing here waits, except for what must not be interrupted."""

    def __init__(self, postgres: EmbeddedPostgres, folder: Path, announce: Announce) -> None:
        self._postgres = postgres
        self._folder = folder
        self._announce = announce
        self._announced = ""
        self._pulse = Pulse(postgres.is_responsive)
        self._is_up = False
        self._begun_at = 0.0
        self._not_before = 0.0
        self._pause = _FIRST_PAUSE_SECONDS
        self.failures = 0  # in a row, for which the disk is not to blame
        self.problem = ""

    @property
    def is_up(self) -> bool:
        return self._is_up

    def tick(self) -> None:
        """Look at it, and take the next step to bring it up."""
        process = self._postgres.process
        if process is None:
            self._try_to_start()
        elif (status := process.poll()) is not None:
            self._ended(f"it ended with status {status}")
        elif self._is_up:
            if self._pulse.is_lost:
                self._announce("does not answer; restarting it")
                self._postgres.kill()
        else:
            self._look_whether_it_answers()

    def stop(self) -> None:
        self._postgres.stop()
        self._announce("stopped")

    def _try_to_start(self) -> None:
        now = time.monotonic()
        if now < self._not_before:
            return
        if (full := full_disk(self._folder)) is not None:
            self._wait_for_room(str(full))
            return
        try:
            self._postgres.prepare(self._announce)
            self._postgres.launch()
        except (EmbeddedPostgresError, OSError) as error:
            self._failed(str(error), is_full=tells_of_full_disk(error))
            return
        self._begun_at = time.monotonic()

    def _look_whether_it_answers(self) -> None:
        problem = self._postgres.why_not()
        if not problem:
            self._is_up = True
            self._pulse.begin()
            self._announce(f"ready ({time.monotonic() - self._begun_at:.1f} s)")
            self._announced, self.problem, self.failures = "", "", 0
            return
        self._postgres.mend_access(problem)
        if time.monotonic() - self._begun_at > _RECOVERY_SECONDS:
            self._postgres.kill()

    def _ended(self, how: str) -> None:
        self._postgres.stop()  # forgets the process
        if self._is_up:
            self._announce(f"{how[3:]}, starting it again")
            if time.monotonic() - self._begun_at > _STEADY_SECONDS:
                self._pause = _FIRST_PAUSE_SECONDS
            self._is_up = False
            self._not_before = time.monotonic()
            return
        said = self._postgres.log_tail()
        self._failed(f"{how}\n{said}", is_full=NO_ROOM in said)

    def _failed(self, problem: str, *, is_full: bool) -> None:
        if is_full:
            self._wait_for_room("the disk is full")
            return
        self.failures += 1
        self.problem = problem
        self._say_once(f"does not start, trying again: {problem.splitlines()[0]}")
        self._not_before = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)

    def _wait_for_room(self, what: str) -> None:
        self._say_once(f"{what}: waiting for room")
        self._not_before = time.monotonic() + 1.0

    def _say_once(self, news: str) -> None:
        kind = news.split("(")[0]
        if kind != self._announced:
            self._announced = kind
            self._announce(news)
