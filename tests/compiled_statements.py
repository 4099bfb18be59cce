"""Statements compiled once for all engines of a test process.

SQLAlchemy keeps what it compiled with the engine, and every test has engines of its own: compiling the same statements
again took a seventh of a backend test's time.
"""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_connected: dict[str, AsyncEngine] = {}
"""An engine of each isolation level that has been connected, or will be."""


def engine_that_shares(url: str, **options: Any) -> AsyncEngine:
    """Do as `create_async_engine`, with the dialect and the compiled statements of an earlier engine of this kind.

    A compiled statement belongs to a dialect. One that has connected knows its server; all tests have the same.
    """
    made = create_async_engine(url, **options)
    earlier = _connected.setdefault(str(options.get("isolation_level")), made)
    if earlier.dialect.server_version_info is None:
        _connected[str(options.get("isolation_level"))] = made
    elif earlier is not made:
        engine, shared = made.sync_engine, earlier.sync_engine
        engine.dialect = engine.pool._dialect = shared.dialect
        engine._compiled_cache = shared._compiled_cache
    return made
