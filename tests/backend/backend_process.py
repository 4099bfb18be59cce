"""The backend as a process of its own, to be stopped and killed."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

import httpx

from backend.settings import Settings
from tests.architecture.repository import ROOT
from tests.backend.model_process import free_port

START_SECONDS = 240


@dataclass
class BackendProcess:
    """uvicorn on the application factory, as the supervisor runs it."""

    settings: Settings
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        return [sys.executable, "-m", "uvicorn", "backend.app:create_app", "--factory", "--port", str(self.port)]

    def start(self) -> None:
        environment = os.environ | {
            "MASKLOOM_DATABASE_URL": self.settings.database_url,
            "MASKLOOM_DATA_DIR": str(self.settings.data_dir),
            "MASKLOOM_MODEL_URL": self.settings.model_url,
            "MASKLOOM_MODEL_DATA_DIR": self.settings.model_data_dir,
            "MASKLOOM_SIGN_IN": self.settings.sign_in,
            "OMP_NUM_THREADS": "1",
        }
        log = (self.settings.data_dir / "backend.log").open("ab")
        self.process = subprocess.Popen(self.command(), cwd=ROOT, env=environment, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                httpx.get(f"{self.url}/api/sign-in", timeout=2).raise_for_status()
                return
            except httpx.HTTPError:
                time.sleep(0.05)
        raise AssertionError((self.settings.data_dir / "backend.log").read_text(errors="replace")[-3000:])

    def send(self, number: signal.Signals) -> None:
        """Send a signal and wait for the end."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(30)
            self.process = None
