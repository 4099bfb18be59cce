"""Queries of a backup: one moment of the database, and the files that it names."""

from collections.abc import Generator
from contextlib import contextmanager

import psycopg

from backend.db.engine import libpq_url

_KEYS = """
    SELECT unnest(ARRAY[source_key, proxy_key, poster_key, filmstrip_key, frame_table_key]) FROM videos
    UNION SELECT key FROM exports
"""


@contextmanager
def one_moment(url: str) -> Generator[tuple[str, set[str]]]:
    """Hold the database's present view while the block lasts: its name for pg_dump, and the keys of its objects."""
    with psycopg.connect(libpq_url(url)) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        yield str(row[0]), {str(key) for (key,) in connection.execute(_KEYS.encode()) if key is not None}
