"""Migrate a database to the newest revision."""

import time
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from backend.db.engine import libpq_url, psycopg_url

_MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def migrate(database_url: str) -> None:
    """Apply all outstanding migrations. If several processes call it at once, one of them does the work."""
    command.upgrade(configuration(database_url), "head")


def configuration(database_url: str) -> Config:
    """Alembic's settings for one database. There is no ini file."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["database_url"] = psycopg_url(database_url)
    return config


def newest_revision() -> str:
    """The revision that this version of the code needs."""
    head = ScriptDirectory(str(_MIGRATIONS)).get_current_head()
    assert head is not None, "there are no migrations"
    return head


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
