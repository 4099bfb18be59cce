"""How each child is started: its command, its environment, its log."""

import os
import sys
from pathlib import Path

from backend.settings import Settings
from backend.supervisor.child import Child
from backend.supervisor.claims import any_free_port

_UVICORN_FLAGS = (
    "--factory --host 127.0.0.1 --ws none --no-access-log --no-proxy-headers --no-server-header --log-level warning "
    "--timeout-keep-alive 75 "  # longer than a browser keeps an idle connection: neither writes to a closed one
    # An open event stream would keep an orderly stop waiting for ever.
    "--timeout-graceful-shutdown 2"
)


class LaunchPlan:
    """The addresses of one start, and the children that use them."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        model_port = settings.model_port or any_free_port()
        self.address = f"http://127.0.0.1:{settings.port}"
        self._settings = settings
        self._logs = folder / "logs"
        self._environment = os.environ | {
            "MASKLOOM_DATA_DIR": str(folder),
            "MASKLOOM_MODEL_PORT": str(model_port),
            "MASKLOOM_MODEL_URL": settings.model_url or f"http://127.0.0.1:{model_port}",
            "PYTHONUNBUFFERED": "1",
        }

    def model_server(self) -> Child:
        """It is told nothing of the database."""
        environment = {name: value for name, value in self._environment.items() if name != "MASKLOOM_DATABASE_URL"}
        command = [sys.executable, "-m", "model_server"]
        return Child("model server", command, environment=environment, log=self._logs / "model_server.log")

    def backend(self, database_url: str) -> Child:
        application = ["-m", "uvicorn", "backend.app:create_app", "--port", str(self._settings.port)]
        return Child(
            "backend",
            [sys.executable, *application, *_UVICORN_FLAGS.split()],
            environment=self._environment | {"MASKLOOM_DATABASE_URL": database_url},
            log=self._logs / "backend.log",
        )
