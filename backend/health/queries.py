"""What the database says of itself."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def revision(session: AsyncSession) -> str | None:
    """The migration that the database is at."""
    return await session.scalar(text("SELECT version_num FROM alembic_version"))
