"""docker-compose.yml started by hand: its commands and its settings, with this machine's ports for its names.

What a container would give - a name, a port, /data - is put in its place; nothing else is changed or added but the tiny
model, so that what runs here cannot drift from what compose starts.
"""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from sqlalchemy import make_url

from backend.processes import die_with_parent
from tests.architecture.repository import ROOT
from tests.backend.model_process import free_port
from tests.deployment.compose_file import ComposeFile, Service, read_compose
from tests.processes import kill_all, processes_below
from tests.redis_process import redis_binary

MODEL_SERVERS = ("model-1", "model-2")
_START_SECONDS = 400


@dataclass
class Composition:
    """The services by name; a replica has its number behind it: `backend 1`."""

    folder: Path
    database_url: str
    model: Path
    token: str = ""  # of the API
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    _ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        values = {
            "MASKLOOM_DATABASE_PASSWORD": "secret",
            "MASKLOOM_PUBLIC_ORIGIN": "https://maskloom.example.org",
            "MASKLOOM_MODEL": str(self.model),
        }
        self._compose: ComposeFile = read_compose(values)

    def port(self, name: str) -> int:
        return self._ports.setdefault(name, free_port())

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port(name)}"

    def run_to_its_end(self, name: str) -> None:
        """A service that is done once: migrations."""
        process = self._spawn(name)
        status = process.wait(_START_SECONDS)
        assert status == 0, self.log(name)

    def start(self, *names: str) -> None:
        """All at once, then wait until each answers its own health check."""
        for name in names:
            self.processes[name] = self._spawn(name)
        for name in names:
            self._wait_healthy(name)

    def kill(self, name: str) -> None:
        """kill -9, children included."""
        process = self.processes.pop(name)
        kill_all(processes_below(process.pid))
        process.kill()
        process.wait()

    def close(self) -> None:
        for name in list(self.processes):
            self.kill(name)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")[-4000:]

    def _service(self, name: str) -> Service:
        return self._compose.services[name.split()[0]]

    def _spawn(self, name: str) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                self._here(self._service(name).command, name),
                cwd=ROOT,
                env=self._environment(name),
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )

    def _here(self, command: list[str], name: str) -> list[str]:
        program, *rest = command
        if program == "redis-server":
            here = ["--port", str(self.port(name)), "--bind", "127.0.0.1", "--dir", str(self.folder)]
            return [str(redis_binary()), *rest, *here]
        assert program == "python"
        return [sys.executable, *(word.replace("0.0.0.0", "127.0.0.1") for word in rest)]

    def _environment(self, name: str) -> dict[str, str]:
        given = {key: self._setting(key, value, name) for key, value in self._service(name).environment.items()}
        kept = {key: value for key, value in os.environ.items() if not key.startswith("MASKLOOM_")}
        return kept | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)} | given

    def _setting(self, key: str, value: str, name: str) -> str:
        if key in {"MASKLOOM_PORT", "MASKLOOM_MODEL_PORT"}:
            return str(self.port(name))
        if key == "MASKLOOM_DATABASE_URL":
            named = make_url(value)
            assert (named.host, named.database) == ("postgres", "maskloom")
            return self.database_url
        value = value.replace("/data", str(self.folder / "data")).replace("0.0.0.0", "127.0.0.1")
        for service in ("redis", *MODEL_SERVERS):
            for address in [word for word in value.split(",") if urlsplit(word).hostname == service]:
                parts = urlsplit(address)
                value = value.replace(f"{service}:{parts.port}", f"127.0.0.1:{self.port(service)}")
        return value

    def _wait_healthy(self, name: str) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self._is_healthy(name):
            process = self.processes[name]
            assert process.poll() is None, self.log(name)
            assert time.monotonic() < deadline, self.log(name)
            time.sleep(0.1)

    def _is_healthy(self, name: str) -> bool:
        """What the service's own check asks, without a new interpreter for every try."""
        if name == "redis":
            from redis import Redis

            return _answers(lambda: bool(Redis(port=self.port(name), socket_timeout=1).ping()))
        path = "/v1/health" if name in MODEL_SERVERS else "/api/health/ready"
        return _answers(lambda: httpx.get(f"{self.url(name)}{path}", timeout=2).status_code == 200)


def _answers(ask: "object") -> bool:
    try:
        return bool(ask())  # type: ignore[operator] - one of the two above
    except Exception:
        return False
