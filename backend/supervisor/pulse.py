"""Notice a process that lives and does not answer."""

import http.client
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

ANSWER_SECONDS = 5.0
_SECONDS_BETWEEN = 1.0
_MISSES = 4  # in a row, so that neither a busy moment nor a sleeping laptop counts
_START_SECONDS = 600.0  # until the first answer; a large model on a slow disk takes long

Ask = Callable[[], bool | None]
"""Ask a process for a sign of life, for at most `ANSWER_SECONDS`. False: it took the question and said nothing. None:
nobody takes questions, as before its first answer."""


class Pulse:
    """Asks one process again and again, in a thread of its own. A hung one is known after 25 seconds."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._misses = 0
        self._answered = False
        self._since = time.monotonic()
        self._life = 0  # of the process that is asked; an answer that took long may be its predecessor's
        self._thread = threading.Thread(target=self._listen, name="pulse", daemon=True)

    def begin(self) -> None:
        """The process has been started, perhaps again."""
        self._life += 1
        self._misses, self._answered, self._since = 0, False, time.monotonic()
        if not self._thread.is_alive():
            self._thread.start()

    @property
    def is_lost(self) -> bool:
        """Whether the process has stopped answering, or has not begun to for too long."""
        never_began = not self._answered and time.monotonic() - self._since > _START_SECONDS
        return self._misses >= _MISSES or never_began

    def _listen(self) -> None:
        while True:
            life = self._life
            answers = self._ask()
            if life == self._life:
                self._hear(answers)
            time.sleep(_SECONDS_BETWEEN)

    def _hear(self, answers: bool | None) -> None:
        if answers:
            self._answered, self._misses = True, 0
        elif self._answered or answers is False:
            self._misses += 1


def answers_http(address: str, path: str) -> Ask:
    """Whether anything comes back for a GET, whatever its status."""
    parts = urlsplit(address)

    def ask() -> bool | None:
        connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", path)
            connection.getresponse().read()
            return True
        except TimeoutError:
            return False
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    return ask
