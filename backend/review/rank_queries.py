"""Queries for the ranks of the review queue."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Float, Uuid, column, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from backend.tables import Masklet, ReviewRank, Video

NUM_GRID_FRAMES = (Video.num_frames + Video.stride - 1) // Video.stride
"""Of a video's annotation grid."""


class StaleRank(NamedTuple):
    """What is to be worked out anew: the rank of a task, by the masks of its masklet."""

    task_id: UUID
    masklet_id: UUID
    num_frames: int  # of the annotation grid


async def any_stale(session: AsyncSession, project_id: UUID) -> bool:
    found = select(ReviewRank.task_id).where(ReviewRank.project_id == project_id, ReviewRank.stale).limit(1)
    return (await session.scalar(found)) is not None


async def lock_stale(session: AsyncSession, project_id: UUID) -> Sequence[StaleRank]:
    """Lock a project's stale ranks: who changes a mask makes its rank stale again once this transaction has ended.

    A rank that somebody's change is just making stale stays as it was before that change.
    """
    stale = (
        select(ReviewRank.task_id, ReviewRank.masklet_id, NUM_GRID_FRAMES)
        .join(Masklet, Masklet.id == ReviewRank.masklet_id)
        .join(Video, Video.id == Masklet.video_id)
        .where(ReviewRank.project_id == project_id, ReviewRank.stale)
        .with_for_update(of=ReviewRank, skip_locked=True)
    )
    return [StaleRank(*row) for row in await session.execute(stale)]


async def store(session: AsyncSession, trust: Mapping[UUID, float]) -> None:
    """Store ranks, by task."""
    tasks, values = literal(list(trust), ARRAY(Uuid())), literal(list(trust.values()), ARRAY(Float()))
    columns = column("task_id", Uuid()), column("trust", Float())
    fresh = func.unnest(tasks, values).table_valued(*columns, name="fresh").render_derived()
    stored = update(ReviewRank).where(ReviewRank.task_id == fresh.c.task_id).values(trust=fresh.c.trust, stale=False)
    await session.execute(stored.execution_options(synchronize_session=False))
