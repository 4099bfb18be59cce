"""A cluster as Maskloom 0.1.0 made it: one superuser, whom everybody at the socket was trusted to be."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from backend.db.cluster.disguise import disguise
from backend.db.cluster.programs import program

ANSWER_SECONDS = 60


@contextmanager
def older_cluster(folder: Path, *, version: int) -> Iterator[str]:
    """Make it in a folder for the embedded Postgres. The URL of its database serves while the block lasts."""
    folder.mkdir(parents=True)
    sockets = folder / "run"
    sockets.mkdir(mode=0o700)
    cluster = folder / "cluster"
    make = [program("initdb", version=version), "-D", str(cluster), "-U", "maskloom", "--auth=trust"]
    subprocess.run(disguise().command([*make, "-E", "UTF8", "--locale=C"]), check=True, capture_output=True)
    serve = [program("postgres", version=version), "-D", str(cluster), "-c", f"unix_socket_directories={sockets}"]
    with subprocess.Popen(disguise().command([*serve, "-c", "listen_addresses="]), stderr=subprocess.DEVNULL) as server:
        try:
            url = f"postgresql://maskloom@/postgres?host={sockets}"
            with _connected(url) as connection:
                connection.execute("CREATE DATABASE maskloom")
            yield f"postgresql+psycopg://maskloom@/maskloom?host={sockets}"
        finally:
            server.terminate()
            server.send_signal(2)
            server.wait(30)


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection]:
    until = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < until:
        try:
            connection = psycopg.connect(url, autocommit=True)
        except psycopg.OperationalError:
            time.sleep(0.05)
            continue
        with connection:
            yield connection
        return
    raise AssertionError("the older cluster does not answer")
