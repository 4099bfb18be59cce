"""Queries for requests that were answered before."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.tables import AnsweredRequest


async def note(session: AsyncSession, key: UUID, *, video_id: UUID, actor_id: UUID, request_hash: str) -> bool:
    """Store a request under its key; False if one is stored. Waits for another transaction that is just doing so."""
    row = {"id": key, "video_id": video_id, "actor_id": actor_id, "request_hash": request_hash}
    new = insert(AnsweredRequest).values(row).on_conflict_do_nothing(index_elements=[AnsweredRequest.id])
    return (await session.scalar(new.returning(AnsweredRequest.id))) is not None


async def noted(session: AsyncSession, key: UUID) -> tuple[UUID, str]:
    """The person and the hash of the request that is stored under a key."""
    found = select(AnsweredRequest.actor_id, AnsweredRequest.request_hash).where(AnsweredRequest.id == key)
    row = (await session.execute(found)).one()
    return row.actor_id, row.request_hash
