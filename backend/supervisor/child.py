"""A child process that is restarted if it ends by itself."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from backend.processes import die_with_parent
from backend.supervisor.pulse import Ask, Pulse

_LARGEST_LOG_BYTES = 10 * 1024 * 1024
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 10.0
_GRACE_SECONDS = 8.0  # from SIGTERM to SIGKILL
_STEADY_SECONDS = 30.0  # a child that ran this long has recovered, and its next pause is short again


class Child:
    """A program that runs until it is stopped. Start it from the main thread, because it dies with its thread."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        log: Path,
        ask: Ask | None = None,
        inherits: Sequence[int] = (),
    ) -> None:
        """`ask` asks it for a sign of life; one that stops answering is killed and restarted.

        `inherits` are open files that it gets from this process.
        """
        self._inherits = inherits
        self.name = name
        self._pulse = None if ask is None else Pulse(ask)
        self._command = list(command)
        self._environment = dict(environment)
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._pause = _FIRST_PAUSE_SECONDS
        self._not_before = 0.0

    def start(self) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        if self._log.exists() and self._log.stat().st_size > _LARGEST_LOG_BYTES:
            self._log.replace(self._log.with_suffix(".old.log"))
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                pass_fds=self._inherits,
                start_new_session=True,  # Ctrl+C reaches only the supervisor, which stops its children in order
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        self._started_at = time.monotonic()
        if self._pulse is not None:
            self._pulse.begin()

    def revive(self, announce: Callable[[str], None]) -> None:
        """Restart it if it has ended, after a pause that grows with every early end."""
        now = time.monotonic()
        if self._process is not None:
            status = self._process.poll()
            if status is None:
                self._end_if_hung(announce)
                return
            self._process = None
            if now - self._started_at > _STEADY_SECONDS:
                self._pause = _FIRST_PAUSE_SECONDS
            self._not_before = now + self._pause
            announce(f"ended ({_reason(status)}), starting it again; its log: {self._log}")
            self._pause = min(self._pause * 2, _LONGEST_PAUSE_SECONDS)
        if now >= self._not_before:
            try:
                self.start()
            except OSError as error:  # the disk is full, or the machine has no more processes
                self._not_before = now + self._pause
                announce(f"cannot be started: {error.strerror}")

    def failed_early(self) -> bool:
        """Whether it has kept ending soon after its start."""
        return self._process is None and self._pause > 4 * _FIRST_PAUSE_SECONDS

    def _end_if_hung(self, announce: Callable[[str], None]) -> None:
        if self._process is not None and self._pulse is not None and self._pulse.is_lost:
            announce("does not answer; killing it")
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        """Ask it to end, and kill it if it does not in time."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def log_tail(self, lines: int = 12) -> str:
        if not self._log.exists():
            return ""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])


def _reason(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
