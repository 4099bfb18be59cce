"""Migrate a database to the newest revision."""

import time
from functools import cache
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from backend.db.engine import libpq_url, psycopg_url
from backend.terminal import TerminalError

_MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


class DatabaseTooNew(TerminalError):
    """A newer Maskloom has migrated the database, so this one would misread it. The message says so in one sentence."""

    def __init__(self, revision: str | None) -> None:
        super().__init__(
            f"A newer Maskloom has written this database (it is at migration {revision}, and this version "
            f"knows them up to {newest_revision()}): run that version or a later one, or restore a backup made "
            "with this one."
        )


def migrate(database_url: str) -> None:
    """Apply all outstanding migrations. If several processes call it at once, one of them does the work.

    Raises:
        DatabaseTooNew: the database is at a revision that this version does not know.
    """
    refuse_newer(stored_revision(database_url))
    command.upgrade(configuration(database_url), "head")


def refuse_newer(revision: str | None) -> None:
    """Refuse a revision that this version does not know.

    Raises:
        DatabaseTooNew: it does not.
    """
    if revision is None:
        return
    try:
        _script().get_revision(revision)
    except CommandError:
        raise DatabaseTooNew(revision) from None


def stored_revision(database_url: str) -> str | None:
    """The revision that a database is at; None if it is empty."""
    with psycopg.connect(libpq_url(database_url), connect_timeout=10) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if row is None else row[0]


def configuration(database_url: str) -> Config:
    """Alembic's settings for one database. There is no ini file."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["database_url"] = psycopg_url(database_url)
    return config


@cache  # health asks often, and it takes reading every migration
def newest_revision() -> str:
    """The revision that this version of the code needs."""
    head = _script().get_current_head()
    assert head is not None, "there are no migrations"
    return head


def _script() -> ScriptDirectory:
    return ScriptDirectory(str(_MIGRATIONS))


def wait_for_database(database_url: str, *, seconds: float) -> None:
    """Wait until the database answers.

    Raises:
        psycopg.OperationalError: it did not answer in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            psycopg.connect(libpq_url(database_url), connect_timeout=3).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
