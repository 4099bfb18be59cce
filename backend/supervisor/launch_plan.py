"""The launch plan: each child's command, environment and log."""

import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from backend.settings import Settings
from backend.supervisor.child import Child
from backend.supervisor.claims import any_free_port
from backend.supervisor.pulse import answers_http
from backend.supervisor.server import server_command, shared_port_command

_LIVE = "/api/health/live"


class LaunchPlan:
    """The addresses of this start, and the children that use them."""

    def __init__(self, settings: Settings, folder: Path, devices: Sequence[str]) -> None:
        """`devices` has one entry per model server to start; it is empty if model servers already run."""
        self.address = f"http://127.0.0.1:{settings.port}"
        self._devices = {_port(settings, index): device for index, device in enumerate(devices)}
        self.model_url = settings.model_url or ",".join(f"http://127.0.0.1:{port}" for port in self._devices)
        self._settings = settings
        self._logs = folder / "logs"
        self._shared: socket.socket | None = None  # kept open, so that backends that start again find it
        self._environment = os.environ | {
            "MASKLOOM_DATA_DIR": str(folder),
            "MASKLOOM_MODEL": settings.model,
            "MASKLOOM_MODEL_URL": self.model_url,
            "PYTHONUNBUFFERED": "1",
        }

    def model_servers(self) -> list[Child]:
        """The model servers. Their environment does not have the database's address."""
        environment = {name: value for name, value in self._environment.items() if name != "MASKLOOM_DATABASE_URL"}
        if len(self._devices) > 1:  # those on the processor share it
            environment.setdefault(
                "MASKLOOM_MODEL_THREADS", str(max(1, (os.cpu_count() or 2) // 2 // len(self._devices)))
            )
        return [
            Child(
                "model server" if number == 1 else f"model server {number}",
                [sys.executable, "-m", "model_server"],
                environment=environment | {"MASKLOOM_MODEL_PORT": str(port), "MASKLOOM_DEVICE": device},
                log=self._logs / ("model_server.log" if number == 1 else f"model_server_{number}.log"),
                ask=answers_http(f"http://127.0.0.1:{port}", "/v1/health"),
            )
            for number, (port, device) in enumerate(self._devices.items(), 1)
        ]

    def backends(self, database_url: str) -> list[Child]:
        """One on the port itself, or several that share it."""
        number_of, port = self._settings.num_backends, self._settings.port
        environment = self._environment | {
            "MASKLOOM_DATABASE_URL": database_url,
            "MASKLOOM_BACKENDS": str(number_of),
        }
        if number_of == 1:
            command, log = server_command(port), self._logs / "backend.log"
            ask = answers_http(self.address, _LIVE)
            return [Child("backend", command, environment=environment, log=log, ask=ask)]
        self._shared = shared = socket.create_server(("127.0.0.1", port), backlog=2048)
        own_ports = [any_free_port() for _ in range(number_of)]
        return [
            Child(
                f"backend {number}",
                shared_port_command(shared, own_port),
                environment=environment,
                log=self._logs / f"backend_{number}.log",
                ask=answers_http(f"http://127.0.0.1:{own_port}", _LIVE),
                inherits=[shared.fileno()],
            )
            for number, own_port in enumerate(own_ports, 1)
        ]


def _port(settings: Settings, index: int) -> int:
    return settings.model_port + index if settings.model_port else any_free_port()
