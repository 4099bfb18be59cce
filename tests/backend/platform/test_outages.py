"""While the database is away or the disk is full, nothing fails: it is put off, with the time to come back."""

import asyncio
import errno
import os
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
from procrastinate.exceptions import ConnectorException
from sqlalchemy import exc, text

from backend.db.embedded import EmbeddedPostgres
from backend.db.engine import libpq_url, make_engine, make_sessions
from backend.db.migrate import migrate
from backend.outage import DatabaseUnavailable, DiskFull, outage_of
from backend.settings import Settings
from backend.storage.objects import ObjectStore
from tests.backend.running import RunningBackend, running_backend
from tests.small_disk import small_disk


@dataclass
class Site:
    postgres: EmbeddedPostgres
    backend: RunningBackend

    def kill_postgres(self) -> None:
        process = self.postgres.process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def execute(self, statement: str) -> None:
        with psycopg.connect(libpq_url(self.postgres.url()), autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="module")
def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server of these tests' own, which they kill."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("outages"), durable=False)
    server.start()
    server.ensure_database()
    migrate(server.url())
    yield server
    server.stop()


@pytest.fixture
async def site(own_postgres: EmbeddedPostgres, data_dir: Path) -> AsyncIterator[Site]:
    async with running_backend(Settings(database_url=own_postgres.url(), data_dir=data_dir)) as backend:
        yield Site(own_postgres, backend)
        if own_postgres.process is None or own_postgres.process.poll() is not None:
            own_postgres.start()  # a failed test left it dead


def put_off(answer: httpx.Response, slug: str, status: int) -> None:
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, slug)
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_killed_database_puts_requests_off_and_costs_none_once_it_is_back(site: Site) -> None:
    client = site.backend.client
    assert (await client.get("/api/projects")).status_code == 200
    site.kill_postgres()
    put_off(await client.get("/api/projects"), "database-unavailable", 503)
    put_off(await client.post("/api/projects", json={"name": "A"}), "database-unavailable", 503)
    program = {"Authorization": "Bearer abc"}
    put_off(await client.get("/api/projects", headers=program), "database-unavailable", 503)
    put_off(await client.get(f"/api/videos/{uuid4()}/events"), "database-unavailable", 503)
    upload = await client.post(f"/api/projects/{uuid4()}/videos?filename=a.mp4", content=b"1234")
    put_off(upload, "database-unavailable", 503)
    site.postgres.start()
    answers = await asyncio.gather(*(client.get("/api/projects") for _ in range(12)))
    assert {answer.status_code for answer in answers} == {200}


async def test_a_backend_stops_while_its_database_is_away(own_postgres: EmbeddedPostgres, data_dir: Path) -> None:
    async with running_backend(Settings(database_url=own_postgres.url(), data_dir=data_dir)) as backend:
        await asyncio.sleep(1)  # its worker listens for jobs by now
        Site(own_postgres, backend).kill_postgres()
    own_postgres.start()


async def test_connections_that_died_with_the_server_cost_nobody_an_error(site: Site) -> None:
    client = site.backend.client
    await asyncio.gather(*(client.get("/api/projects") for _ in range(12)))  # fills the pool
    site.kill_postgres()
    site.postgres.start()
    answers = await asyncio.gather(*(client.get("/api/projects") for _ in range(12)))
    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.parametrize(
    ("state", "slug", "status"),
    [
        ("53100", "disk-full", 507),
        ("53200", "database-unavailable", 503),
        ("25006", "database-unavailable", 503),
        ("40P01", "database-unavailable", 503),
        ("55P03", "database-unavailable", 503),
        ("58030", "database-unavailable", 503),
    ],
)
@pytest.mark.parametrize("deferred", [False, True], ids=["at once", "at the commit"])
async def test_what_postgres_cannot_do_just_now_is_put_off(
    site: Site, state: str, slug: str, status: int, deferred: bool
) -> None:
    moment = "DEFERRABLE INITIALLY DEFERRED" if deferred else ""
    site.execute(
        f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '{state}'; END $$"
    )
    site.execute(
        f"CREATE CONSTRAINT TRIGGER refusal AFTER INSERT ON projects {moment} FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    try:
        put_off(await site.backend.client.post("/api/projects", json={"name": "A"}), slug, status)
    finally:
        site.execute("DROP FUNCTION refuse CASCADE")
    assert (await site.backend.client.post("/api/projects", json={"name": "A"})).status_code == 201


async def test_an_upload_onto_a_full_disk_is_put_off_and_leaves_nothing(
    own_postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "small", num_bytes=4 * 1024 * 1024) as disk:
        settings = Settings(database_url=own_postgres.url(), data_dir=disk.folder)
        async with running_backend(settings) as backend:
            project = (await backend.client.post("/api/projects", json={"name": "P"})).json()["id"]
            disk.fill()
            address = f"/api/projects/{project}/videos?filename=a.mp4"
            put_off(await backend.client.post(address, content=b"\0" * 2_000_000), "disk-full", 507)
            disk.make_room()
            assert disk.free_bytes > 3_500_000
            assert (await backend.client.post(address, content=b"\0" * 2_000_000)).status_code == 202


async def test_a_full_disk_under_the_store_is_the_systems_own_error(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", num_bytes=1024 * 1024) as disk:
        store = ObjectStore(disk.folder)
        with pytest.raises(OSError, match="No space") as caught:
            await store.put("v/1", b"\0" * 2_000_000)
        assert isinstance(outage_of(caught.value), DiskFull)


async def test_a_busy_pool_is_an_outage(own_postgres: EmbeddedPostgres) -> None:
    engine = make_engine(own_postgres.url())
    engine.pool._timeout = 0.1  # type: ignore[attr-defined]
    sessions = make_sessions(engine)
    try:
        pool = engine.pool
        busy = [await engine.connect() for _ in range(pool.size() + pool._max_overflow)]  # type: ignore[attr-defined]
        with pytest.raises(exc.TimeoutError) as caught:
            async with sessions.begin() as session:
                await session.execute(text("SELECT 1"))
        for connection in busy:
            await connection.close()
    finally:
        await engine.dispose()
    assert isinstance(outage_of(caught.value), DatabaseUnavailable)


def wrapped(error: Exception) -> Exception:
    try:
        try:
            raise error
        except Exception as reason:
            raise ConnectorException from reason
    except ConnectorException as outer:
        return ExceptionGroup("several", [ValueError("another"), outer])


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (psycopg.OperationalError("connection refused"), DatabaseUnavailable),
        (psycopg.InterfaceError("the connection is closed"), DatabaseUnavailable),
        (psycopg.errors.AdminShutdown(), DatabaseUnavailable),
        (psycopg.errors.CannotConnectNow(), DatabaseUnavailable),
        (psycopg.errors.TooManyConnections(), DatabaseUnavailable),
        (psycopg.errors.QueryCanceled(), DatabaseUnavailable),
        (psycopg.errors.DiskFull(), DiskFull),
        (OSError(errno.EDQUOT, "quota"), DiskFull),
        (psycopg.errors.UniqueViolation(), None),
        (psycopg.errors.UndefinedColumn(), None),
        (FileNotFoundError(errno.ENOENT, "gone"), None),
        (RuntimeError("a bug"), None),
    ],
    ids=repr,
)
def test_outages_are_told_from_faults_however_they_are_wrapped(error: Exception, outage: type | None) -> None:
    for each in (error, wrapped(error)):
        found = outage_of(each)
        assert (None if found is None else type(found)) == outage
