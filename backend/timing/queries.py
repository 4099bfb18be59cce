"""Queries for activity events and for what videos and masklets hold."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import case, exists, func, or_, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.person import Person
from backend.auth.queries import seen_by
from backend.masklets.line_queries import Line, on_line
from backend.tables import ActivityEvent, FrameMask, FrameState, Masklet, Project, PromptSet, Video
from backend.tables.states import MADE_HERE_BY_NOBODY, MaskSource
from backend.timing.events import HEARTBEAT_SECONDS, REVIEW_TOOL, Event


async def num_frames(session: AsyncSession, video_ids: Collection[UUID], *, actor: Person) -> dict[UUID, int]:
    """How many frames those of the videos have that the person may see; none before the end of ingest."""
    seen = select(Video.id, Video.num_frames).where(Video.id.in_(video_ids), seen_by(actor, Video.project_id))
    return {row.id: row.num_frames or 0 for row in await session.execute(seen)}


async def video(session: AsyncSession, video_id: UUID) -> Video | None:
    return await session.get(Video, video_id)


async def videos_of_masklets(session: AsyncSession, masklet_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Each masklet's video."""
    found = await session.execute(select(Masklet.id, Masklet.video_id).where(Masklet.id.in_(masklet_ids)))
    return {row.id: row.video_id for row in found}


async def add_events(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> int:
    """Store the events that are new, and return their number."""
    new = insert(ActivityEvent).on_conflict_do_nothing(index_elements=[ActivityEvent.event_id])
    stored = await session.scalars(new.returning(ActivityEvent.event_id), rows)
    return len(stored.all())


async def events_around(session: AsyncSession, video_ids: Collection[UUID], *, only: UUID | None = None) -> list[Event]:
    """Events in these videos and, so that no moment counts twice, the same people's events elsewhere in that time.

    With `only`, those of one person.
    """
    whose = true() if only is None else ActivityEvent.user_id == only
    here = select(ActivityEvent).where(ActivityEvent.video_id.in_(video_ids), whose).subquery()
    times = (
        select(here.c.user_id, func.min(here.c.created_at).label("first"), func.max(here.c.created_at).label("last"))
        .group_by(here.c.user_id)
        .subquery()
    )
    columns = (
        ActivityEvent.event_id,
        ActivityEvent.order,
        ActivityEvent.user_id,
        ActivityEvent.session_id,
        ActivityEvent.video_id,
        ActivityEvent.masklet_id,
        ActivityEvent.frame_index,
        ActivityEvent.phase,
        ActivityEvent.kind,
        ActivityEvent.client_monotonic_ms,
        ActivityEvent.created_at,
        ActivityEvent.age_seconds,
        ActivityEvent.slept_seconds,
        case((ActivityEvent.payload.contains({"had_input": True}), ActivityEvent.payload)),
        ActivityEvent.tool,
    )
    found = (
        select(*columns)
        .join(times, times.c.user_id == ActivityEvent.user_id)
        .where(ActivityEvent.created_at.between(times.c.first, times.c.last))
    )
    return [_event(*row) for row in await session.execute(found)]


async def events_after(
    session: AsyncSession, project_id: UUID, *, after: int, limit: int, only: UUID | None
) -> Sequence[ActivityEvent]:
    """A project's events after a position in the order of receipt, or only those of the person `only`."""
    found = select(ActivityEvent).join(Video, Video.id == ActivityEvent.video_id)
    found = found.where(Video.project_id == project_id, ActivityEvent.order > after)
    if only is not None:
        found = found.where(ActivityEvent.user_id == only)
    return (await session.scalars(found.order_by(ActivityEvent.order).limit(limit))).all()


async def project_exists(session: AsyncSession, project_id: UUID) -> bool:
    return bool(await session.scalar(select(exists().where(Project.id == project_id))))


@dataclass(frozen=True, slots=True)
class FrameCounts:
    """Counts of a masklet's annotated and edited frames on the annotation grid, and of its clicks."""

    masklet_id: UUID
    annotated_frames: int
    edited_frames: int
    clicks: int


async def frame_counts(session: AsyncSession, video: Video, *, line: Line) -> list[FrameCounts]:
    """The counts of a video's masklets, by number."""
    on_grid = FrameState.frame_index % video.stride == 0
    edited = or_(FrameState.prompt_set_id.is_not(None), FrameMask.source.not_in(MADE_HERE_BY_NOBODY))
    annotated = on_grid & (FrameMask.source != MaskSource.imported)
    counted = (
        select(
            Masklet.id,
            func.count(FrameMask.id).filter(annotated),
            func.count(FrameMask.id).filter(on_grid, edited),
            func.coalesce(func.sum(func.jsonb_array_length(PromptSet.clicks)), 0),
        )
        .outerjoin(FrameState, FrameState.masklet_id == Masklet.id)
        .outerjoin(FrameMask, (FrameMask.masklet_id == Masklet.id) & (FrameMask.id == FrameState.mask_id))
        .outerjoin(PromptSet, PromptSet.id == FrameState.prompt_set_id)
        .where(Masklet.video_id == video.id, ~Masklet.deleted, on_line(Masklet.participant_id, line))
        .group_by(Masklet.id, Masklet.number)
        .order_by(Masklet.number)
    )
    return [FrameCounts(*row) for row in await session.execute(counted)]


def _event(*row: Any) -> Event:
    event_id, order, user_id, session_id, video_id, masklet_id, frame_index, phase = row[:8]
    kind, monotonic_ms, received, age, slept, payload, tool = row[8:]
    return Event(
        event_id=event_id,
        order=order,
        user_id=user_id,
        session_id=session_id,
        video_id=video_id,
        masklet_id=masklet_id,
        frame_index=frame_index,
        phase=phase,
        kind=kind,
        seconds=monotonic_ms / 1000,
        received=received,
        age=age,
        slept=slept,
        input_age=_input_age(payload),
        verifying=tool == REVIEW_TOOL,
    )


def _input_age(payload: dict[str, Any] | None) -> float | None:
    """Seconds since the last input, from a heartbeat's payload if it reports one; 0 if it does so without its age."""
    if payload is None:
        return None
    age = payload.get("input_age_ms", 0)
    return min(max(age / 1000, 0.0), HEARTBEAT_SECONDS) if isinstance(age, int | float) else 0.0
