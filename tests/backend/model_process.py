"""A real model server, as a process of its own: it can be killed and started again on the same port."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.architecture.repository import ROOT

START_SECONDS = 240


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@dataclass
class ModelProcess:
    """`python -m model_server` on a data folder and a checkpoint."""

    data_dir: Path
    model: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, wait: bool = True) -> None:
        environment = os.environ | {
            "MASKLOOM_DATA_DIR": str(self.data_dir),
            "MASKLOOM_MODEL": str(self.model),
            "MASKLOOM_MODEL_PORT": str(self.port),
            "MASKLOOM_MODEL_THREADS": "1",
            "MASKLOOM_DEVICE": "cpu",
            "OMP_NUM_THREADS": "1",
        }
        log = (self.data_dir / "model_server.log").open("ab")
        command = [sys.executable, "-m", "model_server"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        if wait:
            self.wait_ready()

    def wait_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/v1/health", timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.05)
        log = (self.data_dir / "model_server.log").read_text(errors="replace")
        raise AssertionError(f"the model server does not answer:\n{log[-3000:]}")

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def ensure_running(self) -> None:
        if self.process is None or self.process.poll() is not None:
            self.start()
