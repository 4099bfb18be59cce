"""The embedded Postgres survives what happens to desktop machines."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from backend.db.embedded import EmbeddedPostgres
from backend.db.engine import libpq_url
from backend.processes import is_alive


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "postgres"


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder)
    server.start()
    server.ensure_database()
    yield server
    server.stop()


def _count_rows(server: EmbeddedPostgres) -> int:
    with psycopg.connect(libpq_url(server.url())) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row is not None
    return int(row[0])


def test_rows_survive_a_killed_server(server: EmbeddedPostgres, folder: Path) -> None:
    server.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n", database="maskloom")
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    again = EmbeddedPostgres(folder)
    again.start()
    assert _count_rows(again) == 1000
    again.stop()


def test_a_server_left_running_by_a_killed_supervisor_is_replaced(server: EmbeddedPostgres, folder: Path) -> None:
    server.execute("CREATE TABLE kept AS SELECT generate_series(1, 10) AS n", database="maskloom")
    assert server.process is not None
    orphan = server.process.pid
    successor = EmbeddedPostgres(folder)
    # The orphan is a child of this very process: reap it as init would.
    code = "from pathlib import Path; import sys; from backend.db.embedded import EmbeddedPostgres as E; "
    code += "e = E(Path(sys.argv[1])); e.start(); print('up', flush=True); e.stop()"
    child = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True)
    server.process.wait(timeout=20)
    assert child.communicate(timeout=30)[0] == "up\n"
    assert not is_alive(orphan)
    successor.start()
    assert _count_rows(successor) == 10
    successor.stop()


def test_the_server_ends_when_its_supervisor_is_killed(folder: Path) -> None:
    code = "from pathlib import Path; import sys, time; from backend.db.embedded import EmbeddedPostgres as E; "
    code += "e = E(Path(sys.argv[1])); e.start(); print(e.process.pid, flush=True); time.sleep(60)"
    supervisor = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    server = int(supervisor.stdout.readline())
    supervisor.send_signal(signal.SIGKILL)
    supervisor.wait()
    deadline = time.monotonic() + 10
    while is_alive(server) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(server)


def test_nobody_else_may_open_the_socket(server: EmbeddedPostgres, folder: Path) -> None:
    assert (folder / "run").stat().st_mode & 0o077 == 0
    assert (folder / "cluster").stat().st_mode & 0o077 == 0
    assert "@/maskloom?host=" in server.url()


def test_a_long_path_still_gets_a_socket(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / ("a-long-name-" * 8) / "postgres")
    server.start()
    with psycopg.connect(libpq_url(server.url("postgres"))) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    server.stop()


def test_a_half_made_cluster_is_made_again(folder: Path) -> None:
    (folder / "cluster.new").mkdir(parents=True)
    (folder / "cluster.new" / "PG_VERSION").write_text("18")
    server = EmbeddedPostgres(folder)
    server.start()
    assert server.process is not None
    assert os.path.exists(folder / "cluster" / "PG_VERSION")
    server.stop()
