from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Sequence, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.tables import Project, TrackingPlace, Video

_EPOCHS = Sequence("tracking_epochs")
_FORGOTTEN_AFTER = timedelta(minutes=30)  # a model server closes what nobody used for so long
_NOTED_AGAIN_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """What is stored of a video's place, and the model its project wants now."""

    wanted_model: str | None
    place: TrackingPlace | None
    is_forgotten: bool  # nobody used it for so long that its session is gone
    is_unnoted: bool  # its use should be noted


async def known_place(session: AsyncSession, video_id: UUID) -> KnownPlace | None:
    """None: there is no such video."""
    found = (
        select(
            Project.model,
            TrackingPlace,
            func.coalesce(TrackingPlace.used_at < func.now() - _FORGOTTEN_AFTER, False),
            func.coalesce(TrackingPlace.used_at < func.now() - _NOTED_AGAIN_AFTER, False),
        )
        .select_from(Video)
        .join(Project, Project.id == Video.project_id)
        .outerjoin(TrackingPlace, TrackingPlace.video_id == Video.id)
        .where(Video.id == video_id)
    )
    row = (await session.execute(found)).one_or_none()
    return None if row is None else KnownPlace(row[0], row[1], row[2], row[3])


async def note_use(session: AsyncSession, video_id: UUID) -> None:
    await session.execute(
        update(TrackingPlace).where(TrackingPlace.video_id == video_id).values(used_at=func.now()),
        execution_options={"synchronize_session": False},
    )


async def lock_place(session: AsyncSession, video_id: UUID, *, server: str, model: str | None) -> TrackingPlace | None:
    """The video's place, locked; made here where there was none. None: there is no such video."""
    columns = [TrackingPlace.video_id, TrackingPlace.server, TrackingPlace.model, TrackingPlace.epoch]
    first = select(Video.id, literal(server), literal(model, TrackingPlace.model.type), _EPOCHS.next_value()).where(
        Video.id == video_id
    )
    await session.execute(insert(TrackingPlace).from_select(columns, first).on_conflict_do_nothing())
    found = select(TrackingPlace).where(TrackingPlace.video_id == video_id).with_for_update()
    return (await session.scalars(found.execution_options(populate_existing=True))).one_or_none()


async def next_epoch(session: AsyncSession) -> int:
    """A number higher than any given before in this database."""
    epoch = await session.scalar(select(_EPOCHS.next_value()))
    assert epoch is not None
    return epoch


async def epoch(session: AsyncSession, video_id: UUID) -> int | None:
    """The epoch of the video's tracking session as it should be now."""
    return await session.scalar(select(TrackingPlace.epoch).where(TrackingPlace.video_id == video_id))
