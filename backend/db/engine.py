"""The connection pool and the factory of database sessions."""

from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

Sessions = async_sessionmaker[AsyncSession]
_STATEMENT_TIMEOUT_MS = 60_000
_POOL_TIMEOUT_SECONDS = 10  # a browser waits 30 s for an answer, and an early "busy" is better than none


def make_engine(url: str) -> AsyncEngine:
    """An engine on psycopg. Statements are aborted after a minute, so that none can hold a lock for ever."""
    return create_async_engine(
        psycopg_url(url),
        pool_size=10,
        max_overflow=20,
        pool_timeout=_POOL_TIMEOUT_SECONDS,
        pool_pre_ping=True,  # else the first requests after a restart of the database find dead connections
        hide_parameters=True,  # an error's text is logged, and parameters may be password hashes
        connect_args={"options": f"-c statement_timeout={_STATEMENT_TIMEOUT_MS}", "connect_timeout": 5},
    )


def make_sessions(engine: AsyncEngine) -> Sessions:
    """A factory of sessions whose rows stay readable after the commit, without implicit loads."""
    return async_sessionmaker(engine, expire_on_commit=False)


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
