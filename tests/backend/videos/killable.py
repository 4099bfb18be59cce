"""A backend that a test may kill."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil

from tests.architecture.repository import ROOT
from tests.processes import processes_below
from tests.running import free_port

SECONDS = 90


class Killable:
    """A backend process of its own, on the test's database and folder."""

    def __init__(self, database_url: str, data_dir: Path, **settings: str) -> None:
        self.port = free_port()
        self._environment = os.environ | {"MASKLOOM_DATABASE_URL": database_url, "MASKLOOM_DATA_DIR": str(data_dir)}
        self._environment |= settings
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self, client: httpx.AsyncClient) -> None:
        self._launch()
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            try:
                await client.get("/api/projects")
                return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
        raise AssertionError("the backend does not start")

    def _launch(self) -> None:
        command = [sys.executable, "-m", "uvicorn", "backend.app:create_app", "--factory", "--port", str(self.port)]
        self._process = subprocess.Popen(
            [*command, "--log-level", "error"], cwd=ROOT, env=self._environment, stdout=subprocess.DEVNULL
        )

    def kill(self) -> list[psutil.Process]:
        """SIGKILL; the children it had."""
        assert self._process is not None
        children = processes_below(self._process.pid)
        self._process.kill()
        self._process.wait()
        return children
