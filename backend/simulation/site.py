"""A complete Maskloom for a simulation: database, model server, and a backend on the simulated clock."""

import logging
import socket
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import uvicorn

from backend.app import create_app
from backend.client.connection import SiteConnection
from backend.db.embedded import EmbeddedPostgres
from backend.db.migrate import migrate
from backend.settings import Settings
from backend.supervisor.child import Child
from backend.supervisor.healthcheck import read_health
from backend.supervisor.launch_plan import LaunchPlan
from backend.timing.clock import Clock

_PATIENCE_SECONDS = 180.0
_TICK_SECONDS = 0.05


class SiteFailed(RuntimeError):
    """A part did not start."""


@contextmanager
def running_site(settings: Settings, clock: Clock) -> Generator[SiteConnection]:
    """Run a backend, and the database and model server that the settings do not name. Call it from the main thread.

    The backend runs in this process, because `create_app` is the only way to give it a clock.

    Raises:
        EmbeddedPostgresError: the database does not start.
        SiteFailed: another part does not start.
    """
    folder = settings.data_dir.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        model_server: Child | None = None
        if not settings.model_url:
            plan = LaunchPlan(settings, folder, [settings.device])
            settings = settings.model_copy(update={"model_url": plan.model_url})
            (model_server,) = plan.model_servers()
            stack.callback(model_server.stop)
            model_server.start()
        if not settings.database_url:
            settings = settings.model_copy(update={"database_url": _database(folder, stack)})
        address = stack.enter_context(_serving(settings, clock))
        _await_health(address, model_server)
        yield SiteConnection(address)


def _database(folder: Path, stack: ExitStack) -> str:
    postgres = EmbeddedPostgres(folder / "postgres", durable=False)  # after a crash, simulate again
    stack.callback(postgres.stop)
    postgres.start()
    postgres.ensure_database()
    migrate(postgres.url())
    return postgres.url()


@contextmanager
def _serving(settings: Settings, clock: Clock) -> Generator[str]:
    """Serve the backend on a free port of the loopback interface, in a separate thread."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    application = create_app(settings, clock=clock)
    server = uvicorn.Server(
        uvicorn.Config(application, log_level="warning", timeout_keep_alive=75, timeout_graceful_shutdown=2)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="backend")
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise SiteFailed("The backend does not start; what it said stands above.")
            time.sleep(_TICK_SECONDS)
        # The terminal is for the simulation's progress, but errors are still logged.
        logging.getLogger().setLevel(logging.ERROR)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _await_health(address: str, model_server: Child | None) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not (health := read_health(address)).is_ok:
        if model_server is not None:
            model_server.revive(lambda _news: None)
            if model_server.failed_early():
                raise SiteFailed(f"The model server does not start. The end of its log:\n{model_server.log_tail()}")
        if time.monotonic() > deadline:
            raise SiteFailed(f"Not everything came up within {_PATIENCE_SECONDS:.0f} s: {health}")
        time.sleep(_TICK_SECONDS)
