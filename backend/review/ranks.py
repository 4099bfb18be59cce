"""Keep the review queue sorted: work out the risk of masklets that changed since the queue was read last."""

from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.outage import outage_of
from backend.review import queries, rank_queries
from backend.review.queries import Quality
from backend.review.risk import risk

_log = structlog.get_logger()


async def refresh_ranks(session: AsyncSession, project_id: UUID) -> None:
    """Bring a project's ranks up to date. Where nothing can be stored just now, they stay as they were."""
    if not await rank_queries.any_stale(session, project_id):
        return
    try:
        async with session.begin_nested():
            await _refresh(session, project_id)
    except SQLAlchemyError as error:
        if outage_of(error) is None:
            raise
        _log.warning("review.ranks_not_stored", project_id=str(project_id), exc_info=error)


async def _refresh(session: AsyncSession, project_id: UUID) -> None:
    stale = await rank_queries.lock_stale(session, project_id)
    quality = await queries.quality_of(session, [each.masklet_id for each in stale])
    trust: dict[UUID, float] = {}
    for task_id, masklet_id, num_frames in stale:
        known = quality.get(masklet_id) or Quality.of_nothing(masklet_id)
        trust[task_id] = round(1 - risk(known, num_frames=num_frames), 4)
    await rank_queries.store(session, trust)
