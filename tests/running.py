"""A whole Maskloom, started as `maskloom up` does it, for end-to-end and chaos tests."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import httpx
import psutil

from backend.db.embedded import EmbeddedPostgres
from backend.db.engine import libpq_url
from tests.architecture.repository import ROOT
from tests.processes import kill_all, processes_below

Part = Literal["backend", "model_server", "postgres"]
COMMAND_WORDS: dict[Part, str] = {"backend": "backend.app", "model_server": "model_server", "postgres": "postgres"}
START_SECONDS = 300


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class RunningMaskloom:
    """One supervisor with its children, on a data folder of its own."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    sample: bool = False
    sign_in: Literal["local", "accounts"] = "local"
    model_servers: int = 0
    backends: int = 1  # 0: as many as `maskloom up` would run
    redis_url: str = ""
    model: Path | None = None  # weights to serve instead of those in the box
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.launch()
        try:
            self.wait_healthy(START_SECONDS)
        except AssertionError:
            self.stop()
            raise

    def launch(self) -> None:
        """Start it, and wait for nothing."""
        environment = {
            **os.environ,
            "MASKLOOM_PORT": str(self.port),
            "MASKLOOM_DATA_DIR": str(self.data_dir),
            "MASKLOOM_DEVICE": "cpu",
            "MASKLOOM_MODEL_SERVERS": str(self.model_servers),
            "MASKLOOM_BACKENDS": str(self.backends),
            "MASKLOOM_SAMPLE": "1" if self.sample else "0",
            "MASKLOOM_SIGN_IN": self.sign_in,
            "MASKLOOM_REDIS_URL": self.redis_url,
            "OMP_NUM_THREADS": "1",
        }
        if self.model is not None:
            environment["MASKLOOM_MODEL"] = str(self.model)
        self.data_dir.mkdir(parents=True, exist_ok=True)
        log = (self.data_dir / "up.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "backend", "up"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )

    def wait_healthy(self, seconds: float) -> dict[str, object]:
        """The health report once every part serves; raises with the log's end when it never does."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                break
            with contextlib.suppress(httpx.HTTPError):
                response = httpx.get(f"{self.url}/api/health", timeout=2)
                if response.status_code == 200:
                    return response.json()
            time.sleep(0.2)
        raise AssertionError(f"Maskloom did not become healthy:\n{self.log_end()}")

    def database_url(self) -> str:
        """For psycopg: the embedded Postgres of this Maskloom."""
        return libpq_url(EmbeddedPostgres(self.data_dir / "postgres").url())

    def first_link(self) -> str:
        """What it printed for the first administrator."""
        links = re.findall(r"http\S+/welcome#\S+", self.log_end())
        assert links, f"no link was printed:\n{self.log_end()}"
        return links[-1]

    def log_end(self, num_bytes: int = 6000) -> str:
        path = self.data_dir / "up.log"
        return path.read_bytes()[-num_bytes:].decode(errors="replace") if path.exists() else ""

    def part(self, name: Part) -> psutil.Process | None:
        """The running child that is this part, or None while it is being restarted."""
        if self.process is None:
            return None
        return next(iter(processes_below(self.process.pid, COMMAND_WORDS[name])), None)

    def kill(self, name: Part) -> bool:
        """SIGKILL one part; False when it is not running just now."""
        child = self.part(name)
        if child is None:
            return False
        with contextlib.suppress(psutil.Error):
            child.kill()
            return True
        return False

    def stop(self) -> int:
        """Ctrl+C; the exit status. Whatever is left after a minute is killed and raises."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            kill_all(processes_below(self.process.pid))
            self.process.kill()
            raise
        finally:
            self.process = None
