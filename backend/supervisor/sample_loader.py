"""Load the sample project in the background on the first run."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from backend.client.environment import TOKEN_VARIABLE
from backend.processes import die_with_parent
from backend.terminal import say

_MARK = "sample.loaded"


class SampleLoader:
    """Runs `python -m backend.sample` once, with its output on the terminal."""

    def __init__(self, address: str, folder: Path, new_token: Callable[[], str | None]) -> None:
        self._address = address
        self._new_token = new_token  # an API token; None if the API needs none
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start loading, unless an earlier run finished it, so that a sample that a person deleted stays deleted."""
        if (self._folder / _MARK).exists():
            return
        token = self._new_token()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "backend.sample", self._address],
            stdin=subprocess.DEVNULL,
            env=os.environ | ({TOKEN_VARIABLE: token} if token else {}),
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )

    def watch(self) -> None:
        if self._process is None or (status := self._process.poll()) is None:
            return
        self._process = None
        if status == 0:
            (self._folder / _MARK).touch()
        else:
            say("sample", "could not be loaded; the next start tries again")

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
