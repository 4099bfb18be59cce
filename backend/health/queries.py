"""Queries for the state of the database itself."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def revision(session: AsyncSession) -> str | None:
    """The revision to which the database is migrated."""
    return await session.scalar(text("SELECT version_num FROM alembic_version"))
