from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.person import Person
from backend.auth.scoping import seen_by
from backend.tables import ActivityEvent, FrameMask, FrameState, Masklet, PromptSet, Video
from backend.tables.states import MaskSource


async def videos(session: AsyncSession, video_ids: Collection[UUID], *, actor: Person) -> dict[UUID, Video]:
    """Those of the ids that the person may know of."""
    found = await session.scalars(select(Video).where(Video.id.in_(video_ids), seen_by(actor, Video.project_id)))
    return {video.id: video for video in found}


async def video(session: AsyncSession, video_id: UUID) -> Video | None:
    return await session.get(Video, video_id)


async def videos_of_masklets(session: AsyncSession, masklet_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Video by masklet."""
    found = await session.execute(select(Masklet.id, Masklet.video_id).where(Masklet.id.in_(masklet_ids)))
    return {row.id: row.video_id for row in found}


async def add_events(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> int:
    """Store the events that are new; how many they were."""
    new = insert(ActivityEvent).on_conflict_do_nothing(index_elements=[ActivityEvent.event_id])
    stored = await session.scalars(new.returning(ActivityEvent.event_id), rows)
    return len(stored.all())


async def events_of_video(session: AsyncSession, video_id: UUID) -> Sequence[ActivityEvent]:
    found = select(ActivityEvent).where(ActivityEvent.video_id == video_id)
    return (await session.scalars(found.order_by(ActivityEvent.order))).all()


async def frame_counts(session: AsyncSession, video: Video) -> Sequence[tuple[UUID, int, int, int]]:
    """(masklet, annotated frames with a mask, of those changed by a person, clicks), by masklet number."""
    on_grid = FrameState.frame_index % video.stride == 0
    edited = or_(FrameState.prompt_set_id.is_not(None), FrameMask.source != MaskSource.propagated)
    counted = (
        select(
            Masklet.id,
            func.count(FrameMask.id).filter(on_grid),
            func.count(FrameMask.id).filter(on_grid, edited),
            func.coalesce(func.sum(func.jsonb_array_length(PromptSet.clicks)), 0),
        )
        .outerjoin(FrameState, FrameState.masklet_id == Masklet.id)
        .outerjoin(FrameMask, (FrameMask.masklet_id == Masklet.id) & (FrameMask.id == FrameState.mask_id))
        .outerjoin(PromptSet, PromptSet.id == FrameState.prompt_set_id)
        .where(Masklet.video_id == video.id, ~Masklet.deleted)
        .group_by(Masklet.id, Masklet.number)
        .order_by(Masklet.number)
    )
    return [(masklet, frames, changed, clicks) for masklet, frames, changed, clicks in await session.execute(counted)]
