"""How each child is started: its command, its environment, its log."""

import os
import sys
from pathlib import Path

from backend.settings import Settings
from backend.supervisor.child import Child
from backend.supervisor.claims import any_free_port
from backend.supervisor.uvicorn_command import uvicorn_command


class LaunchPlan:
    """The addresses of one start, and the children that use them."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        model_port = settings.model_port or any_free_port()
        self.address = f"http://127.0.0.1:{settings.port}"
        self.model_url = settings.model_url or f"http://127.0.0.1:{model_port}"
        self._settings = settings
        self._logs = folder / "logs"
        self._environment = os.environ | {
            "MASKLOOM_DATA_DIR": str(folder),
            "MASKLOOM_MODEL": settings.model,
            "MASKLOOM_MODEL_PORT": str(model_port),
            "MASKLOOM_MODEL_URL": self.model_url,
            "PYTHONUNBUFFERED": "1",
        }

    def model_server(self) -> Child:
        """It is told nothing of the database."""
        environment = {name: value for name, value in self._environment.items() if name != "MASKLOOM_DATABASE_URL"}
        command = [sys.executable, "-m", "model_server"]
        return Child("model server", command, environment=environment, log=self._logs / "model_server.log")

    def backend(self, database_url: str) -> Child:
        return Child(
            "backend",
            uvicorn_command(self._settings.port),
            environment=self._environment | {"MASKLOOM_DATABASE_URL": database_url},
            log=self._logs / "backend.log",
        )
