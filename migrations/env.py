"""Alembic's entry point: one connection, one transaction, one migrating process at a time."""

from typing import Any

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from backend import tables
from backend.db.engine import psycopg_url
from backend.settings import Settings

_LOCK = 0x6D61736B  # any number that no other program uses as an advisory lock


def _is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether an object is in our metadata: neither the queue's tables nor partitions, which follow theirs."""
    return not (kind == "table" and name and name.startswith(("procrastinate_", "frame_masks_p")))


def _database_url() -> str:
    url: str | None = context.config.attributes.get("database_url")
    return url or psycopg_url(Settings().database_url)


def run() -> None:
    engine = create_engine(_database_url(), poolclass=NullPool, hide_parameters=True)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=tables.Table.metadata,
            include_name=_is_ours,
            compare_server_default=False,
        )
        with context.begin_transaction():
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            context.run_migrations()


run()
