"""The embedded Postgres lets in one role with a password, upgrades older clusters, and refuses newer ones."""

import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from backend.db.cluster.problems import EmbeddedPostgresError
from backend.db.cluster.programs import newest_version
from backend.db.embedded import EmbeddedPostgres
from backend.db.engine import libpq_url
from backend.db.migrate import migrate
from tests.backend.db.older_cluster import older_cluster

NOT_OURS = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relowner <> current_role::regrole
    UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proowner <> current_role::regrole
    UNION SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typowner <> current_role::regrole
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "postgres"


def make_older(folder: Path, *, version: int) -> None:
    """An older cluster with all our tables and one user more."""
    with older_cluster(folder, version=version) as url:
        migrate(url)
        with psycopg.connect(libpq_url(url)) as connection:
            connection.execute("INSERT INTO users (id, name) VALUES (gen_random_uuid(), 'Ada')")


def check_moved(postgres: EmbeddedPostgres) -> None:
    """Whether the backend's role owns all there is, and finds what was stored."""
    migrate(postgres.url())
    with psycopg.connect(libpq_url(postgres.url())) as connection:
        assert connection.execute(NOT_OURS).fetchall() == []
        assert connection.execute("SELECT count(*) FROM users WHERE name = 'Ada'").fetchone() == (1,)
        connection.execute("ALTER TABLE users ADD COLUMN later_migration int")
        connection.execute("SELECT procrastinate_prune_stalled_workers_v1(1)")


def start_and_stop(folder: Path) -> list[str]:
    said: list[str] = []
    postgres = EmbeddedPostgres(folder)
    postgres.start(said.append)
    try:
        check_moved(postgres)
    finally:
        postgres.stop()
    return said


def test_nobody_gets_in_without_the_password_and_nobody_at_all_as_superuser(folder: Path) -> None:
    postgres = EmbeddedPostgres(folder)
    postgres.start()
    try:
        for user, password in (("maskloom", ""), ("postgres", ""), ("maskloom_backend", ""), ("maskloom_backend", "x")):
            with pytest.raises(psycopg.OperationalError, match=r"rejects connection|password"):
                psycopg.connect(host=str(folder / "run"), user=user, password=password, dbname="postgres")
        with psycopg.connect(libpq_url(postgres.url("postgres")), autocommit=True) as connection:
            for forbidden in (
                "COPY (SELECT 1) TO PROGRAM 'true'",
                "COPY (SELECT 1) TO '/tmp/file'",
                "SELECT pg_read_file('PG_VERSION')",
                "ALTER SYSTEM SET shared_preload_libraries = 'x'",
                "CREATE ROLE other SUPERUSER",
                "CREATE FUNCTION f() RETURNS int AS 'libc.so.6', 'system' LANGUAGE c",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(forbidden.encode())
    finally:
        postgres.stop()
    assert (folder / "credential").stat().st_mode & 0o777 == 0o600


def test_a_folder_of_the_version_before_is_moved_to_the_password(folder: Path) -> None:
    make_older(folder, version=newest_version())
    assert start_and_stop(folder) == []
    first = (folder / "credential").read_text()
    start_and_stop_again = EmbeddedPostgres(folder)
    start_and_stop_again.start()
    start_and_stop_again.stop()
    assert (folder / "credential").read_text() == first


@pytest.mark.parametrize("damage", ["", "Zm9v", "\0" * 44, "A" * 43])
def test_a_lost_damaged_or_foreign_password_is_replaced(folder: Path, damage: str) -> None:
    postgres = EmbeddedPostgres(folder)
    postgres.start()
    postgres.stop()
    (folder / "credential").write_text(damage)
    postgres.start()
    assert postgres.why_not() == ""
    postgres.stop()


def test_a_cluster_of_an_older_postgres_is_upgraded_and_kept(folder: Path) -> None:
    make_older(folder, version=16)
    said = start_and_stop(folder)
    assert said[0] == f"upgrading from Postgres 16 to {newest_version()}"
    assert (folder / "cluster" / "PG_VERSION").read_text().strip() == str(newest_version())
    assert (folder / "cluster.postgres16" / "PG_VERSION").read_text().strip() == "16"
    # A crash between the last two steps: the old one is aside, the new one not yet in its place.
    (folder / "cluster").rename(folder / "cluster.new")
    again = EmbeddedPostgres(folder)
    again.start()
    check_rows = psycopg.connect(libpq_url(again.url()))
    assert check_rows.execute("SELECT count(*) FROM users WHERE name = 'Ada'").fetchone() == (1,)
    check_rows.close()
    again.stop()


def test_an_upgrade_without_room_for_the_copy_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_older(folder, version=16)
    usage = shutil.disk_usage(folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1024**2))
    with pytest.raises(EmbeddedPostgresError, match=r"needs \d+ MB; 1 MB are free"):
        EmbeddedPostgres(folder).start()
    assert (folder / "cluster" / "PG_VERSION").read_text().strip() == "16"


def test_a_cluster_of_a_newer_postgres_is_refused_in_one_sentence(folder: Path) -> None:
    (folder / "cluster").mkdir(parents=True)
    (folder / "cluster" / "PG_VERSION").write_text("99\n")
    with pytest.raises(EmbeddedPostgresError, match=r"written by Postgres 99, and this Maskloom has Postgres 16, 18:"):
        EmbeddedPostgres(folder).start()


def test_the_process_id_of_a_dead_server_may_belong_to_another_program(folder: Path) -> None:
    postgres = EmbeddedPostgres(folder)
    postgres.start()
    assert postgres.process is not None
    left = (folder / "cluster" / "postmaster.pid", folder / "run" / ".s.PGSQL.5432.lock")
    texts = [path.read_text() for path in left]
    postgres.stop()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        for path, text in zip(left, texts, strict=True):
            path.write_text(text.replace(text.split("\n")[0], str(other.pid), 1))
        postgres.start()
        postgres.stop()
        assert other.poll() is None
        other.communicate(b"\n")


def test_a_folder_with_a_space_in_its_name_serves(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path / "my data" / "postgres")
    postgres.start()
    with psycopg.connect(libpq_url(postgres.url("postgres"))) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    postgres.stop()
