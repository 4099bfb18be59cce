"""Queries for placements, the rows that tell where a video's tracking session is."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Sequence, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.tables import Project, TrackingPlacement, Video

_EPOCHS = Sequence("tracking_epochs")
_FORGOTTEN_AFTER = timedelta(minutes=30)  # a model server closes a session that is unused for this long
_NOTED_AGAIN_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class StoredPlacement:
    """A video's stored placement, if any, and the model that its project uses now."""

    wanted_model: str | None
    placement: TrackingPlacement | None
    is_forgotten: bool  # unused for so long that the model server has closed the session
    is_unnoted: bool  # its time of use is due for an update


async def stored_placement(session: AsyncSession, video_id: UUID) -> StoredPlacement | None:
    """None if there is no such video."""
    found = (
        select(
            Project.model,
            TrackingPlacement,
            func.coalesce(TrackingPlacement.used_at < func.now() - _FORGOTTEN_AFTER, False),
            func.coalesce(TrackingPlacement.used_at < func.now() - _NOTED_AGAIN_AFTER, False),
        )
        .select_from(Video)
        .join(Project, Project.id == Video.project_id)
        .outerjoin(TrackingPlacement, TrackingPlacement.video_id == Video.id)
        .where(Video.id == video_id)
    )
    row = (await session.execute(found)).one_or_none()
    return None if row is None else StoredPlacement(row[0], row[1], row[2], row[3])


async def note_use(session: AsyncSession, video_id: UUID) -> None:
    await session.execute(
        update(TrackingPlacement).where(TrackingPlacement.video_id == video_id).values(used_at=func.now()),
        execution_options={"synchronize_session": False},
    )


async def lock_placement(
    session: AsyncSession, video_id: UUID, *, server: str, model: str | None
) -> TrackingPlacement | None:
    """The video's placement, locked, created if need be. None if there is no such video."""
    columns = [TrackingPlacement.video_id, TrackingPlacement.server, TrackingPlacement.model, TrackingPlacement.epoch]
    first = select(Video.id, literal(server), literal(model, TrackingPlacement.model.type), _EPOCHS.next_value()).where(
        Video.id == video_id
    )
    await session.execute(insert(TrackingPlacement).from_select(columns, first).on_conflict_do_nothing())
    found = select(TrackingPlacement).where(TrackingPlacement.video_id == video_id).with_for_update()
    return (await session.scalars(found.execution_options(populate_existing=True))).one_or_none()


async def next_epoch(session: AsyncSession) -> int:
    """A number higher than any epoch that this database has given out."""
    epoch = await session.scalar(select(_EPOCHS.next_value()))
    assert epoch is not None
    return epoch


async def epoch(session: AsyncSession, video_id: UUID) -> int | None:
    """The current epoch of the video's placement."""
    return await session.scalar(select(TrackingPlacement.epoch).where(TrackingPlacement.video_id == video_id))
