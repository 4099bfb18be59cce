"""Queries for the state of the database itself."""

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession


async def revision(session: AsyncSession) -> str | None:
    """The revision to which the database is migrated."""
    return await session.scalar(text("SELECT version_num FROM alembic_version"))


async def write_probe(session: AsyncSession) -> None:
    """Write a row into a new file of the database, which needs room on its disk."""
    await session.execute(text("SET LOCAL lock_timeout = '1s'"))
    await session.execute(text("TRUNCATE write_probes"))
    await session.execute(text("INSERT INTO write_probes DEFAULT VALUES"))


def somebody_holds_table(error: BaseException) -> bool:
    """Whether the probe could not be written because others were reading it, which says nothing of the database."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == "55P03"
