"""The connection pool and the factory of database sessions."""

import select
from typing import Any

from sqlalchemy import event, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

Sessions = async_sessionmaker[AsyncSession]
_STATEMENT_TIMEOUT_MS = 60_000
_POOL_TIMEOUT_SECONDS = 10  # a browser waits 30 s for an answer, and an early "busy" is better than none


def make_engine(url: str) -> AsyncEngine:
    """An engine on psycopg. Statements are aborted after a minute, so that none can hold a lock for ever."""
    return _engine(url, pool_size=6, max_overflow=10)


def make_autocommit_engine(url: str) -> AsyncEngine:
    """The same for single statements, which need no transaction around them.

    Its connections are its own: switching one to autocommit and back takes longer than many a statement.
    """
    return _engine(url, pool_size=6, max_overflow=8, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True)


def _engine(url: str, **options: Any) -> AsyncEngine:
    engine = create_async_engine(
        psycopg_url(url),
        **options,
        pool_timeout=_POOL_TIMEOUT_SECONDS,
        hide_parameters=True,  # an error's text is logged, and parameters may be password hashes
        connect_args={
            "options": f"-c statement_timeout={_STATEMENT_TIMEOUT_MS}",
            "connect_timeout": 5,
            # A server that vanished from the network is noticed by the kernel; over a Unix socket these mean nothing.
            "keepalives_idle": 15,
            "tcp_user_timeout": 15_000,
        },
    )
    event.listen(engine.sync_engine, "checkout", _leave_out_dead)
    return engine


def make_sessions(engine: AsyncEngine) -> Sessions:
    """A factory of sessions whose rows stay readable after the commit, without implicit loads."""
    return async_sessionmaker(engine, expire_on_commit=False)


def _leave_out_dead(dbapi_connection: Any, _record: object, _proxy: object) -> None:
    """Have the pool replace a connection that the server has closed.

    Nothing is to be read from an idle connection but its end. Asking the kernel for that costs microseconds, where
    asking the server (`pool_pre_ping`) costs a third of a short request.
    """
    socket = dbapi_connection.driver_connection.fileno()
    waiting = select.poll()
    waiting.register(socket, select.POLLIN)
    if waiting.poll(0):
        raise DisconnectionError("the server has closed this connection")


def psycopg_url(url: str) -> str:
    """A Postgres URL in any of its usual forms, with psycopg as the driver."""
    parsed = make_url(url)
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise ValueError(f"MASKLOOM_DATABASE_URL must name a Postgres database, not {parsed.get_backend_name()}")
    return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def libpq_url(url: str) -> str:
    """A Postgres URL in the form that libpq reads, which does not take a plus for a space."""
    rendered = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    address, mark, query = rendered.partition("?")
    return address + mark + query.replace("+", "%20")
