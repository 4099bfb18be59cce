"""What every Python test may ask for: a real Postgres, a database of its own, a running application."""

import fcntl
import gc
import os
import shutil
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"  # before anything imports torch: two threads on busy cores are slower than one
# Nothing here speaks TLS, and the certificates of all authorities take 27 ms to read, for every client of every test.
os.environ["SSL_CERT_DIR"] = os.path.dirname(__file__)
os.environ.pop("SSL_CERT_FILE", None)
# Tests start hundreds of processes. Where bytecode is not to be kept, each would compile all of the application.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from backend.db import engine as database_engine
from backend.db.embedded import EmbeddedPostgres
from backend.db.engine import Sessions, libpq_url, make_engine, make_sessions
from backend.db.migrate import migrate
from backend.settings import Settings
from tests.backend.running import RunningBackend, running_backend
from tests.compiled_statements import engine_that_shares

if TYPE_CHECKING:
    from playwright.sync_api import Browser

sys.dont_write_bytecode = False
database_engine.create_async_engine = engine_that_shares

_TEMPLATE = "maskloom_template"
_DROP_ATTEMPTS = 20
_MARKED_FOLDERS = ("e2e", "chaos")
_MEMORY = Path("/dev/shm")
_MEMORY_NEEDED = 2 * 1024**3
_NEW_SECONDS = 60


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is in some folders has their mark, whether its file says so or not. Files with a long test come first."""
    for item in items:
        for name in _MARKED_FOLDERS:
            if item.path.is_relative_to(Path(__file__).parent / name):
                item.add_marker(name)
    long = {item.path for item in items if item.get_closest_marker("long")}
    items.sort(key=lambda item: item.path not in long)


def pytest_collection_finish() -> None:
    """Keep what was imported out of the collections of garbage: it stays, and looking through it took half a second."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the maintenance database of a server that tests may fill with databases."""
    if url := os.environ.get("MASKLOOM_TEST_DATABASE_URL"):
        yield url
        return
    with _fast_folder(tmp_path_factory.mktemp("postgres")) as folder:
        server = EmbeddedPostgres(folder, durable=False)
        server.start()
        yield server.url("postgres")
        server.stop()


@contextmanager
def _fast_folder(slower: Path) -> Iterator[Path]:
    """A folder in memory where there is room, else `slower`.

    A database is a thousand files, and every test has one: on a disk, making them took longer than most tests.
    What a killed run has left there is deleted by the next.
    """
    if not os.access(_MEMORY, os.W_OK) or shutil.disk_usage(_MEMORY).free < _MEMORY_NEEDED:
        yield slower
        return
    for left in _MEMORY.glob("maskloom-tests-*"):
        with suppress(OSError), _held(left):  # a folder is held by the run it belongs to, soon after it was made
            if time.time() - left.stat().st_mtime > _NEW_SECONDS:
                shutil.rmtree(left)
    folder = _MEMORY / f"maskloom-tests-{uuid4().hex[:12]}"
    folder.mkdir(mode=0o700)
    with _held(folder):
        yield folder
        shutil.rmtree(folder)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Raises OSError if another process holds it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


@pytest.fixture(scope="session")
def template_database(postgres_url: str) -> Iterator[str]:
    """The name of a migrated, empty database to copy from."""
    name = f"{_TEMPLATE}_{uuid4().hex[:8]}"
    _administer(postgres_url, "CREATE DATABASE {}", name)
    migrate(database_url_of(postgres_url, name))
    yield name
    _drop(postgres_url, name)


@pytest.fixture
def database_url(postgres_url: str, template_database: str) -> Iterator[str]:
    """A migrated database for one test alone."""
    with new_database(postgres_url, template_database) as url:
        yield url


@contextmanager
def new_database(server_url: str, template: str) -> Iterator[str]:
    """The URL of a copy of the template, which is dropped in the end."""
    name = f"test_{uuid4().hex[:12]}"
    # Copied file by file, it takes half the processor time of one that is written to the log first.
    _administer(server_url, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
    yield database_url_of(server_url, name)
    _drop(server_url, name)


@pytest.fixture
async def sessions(database_url: str) -> AsyncIterator[Sessions]:
    """DB sessions on the test's own database."""
    engine = make_engine(database_url)
    yield make_sessions(engine)
    await engine.dispose()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An empty data folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def database_url_of(server_url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def _drop(server_url: str, name: str) -> None:
    """Drop a database. Postgres's own vacuum may be in it for a moment, and only a superuser may send that away."""
    for _ in range(_DROP_ATTEMPTS):
        with suppress(psycopg.errors.InsufficientPrivilege):
            return _administer(server_url, "DROP DATABASE {} WITH (FORCE)", name)
        time.sleep(0.5)
    return _administer(server_url, "DROP DATABASE {} WITH (FORCE)", name)


def _administer(server_url: str, statement: str, *names: str) -> None:
    with psycopg.connect(libpq_url(server_url), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]


@pytest.fixture
async def backend(database_url: str, data_dir: Path) -> AsyncIterator[RunningBackend]:
    """The whole backend on a port of its own, with a database and a data folder of its own; no model server."""
    settings = Settings(database_url=database_url, data_dir=data_dir, model_url="http://127.0.0.1:1")
    async with running_backend(settings) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """One Chromium for all stories of a process."""
    from tests.chromium import chromium

    with chromium() as running:
        yield running
