"""Queries for activity events and for what videos and masklets hold."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    DateTime,
    Integer,
    ScalarSelect,
    Select,
    Uuid,
    bindparam,
    case,
    column,
    exists,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.person import Person
from backend.auth.queries import asker, seen_by_asker
from backend.masklets.line_queries import Line, on_line
from backend.tables import ActivityEvent, FrameMask, FrameState, Masklet, Project, PromptSet, Video
from backend.tables.states import MADE_HERE_BY_NOBODY, MaskSource
from backend.timing.events import HEARTBEAT_SECONDS, REVIEW_TOOL, Event


async def video(session: AsyncSession, video_id: UUID) -> Video | None:
    return await session.get(Video, video_id)


_TIME = DateTime(timezone=True)
_GIVEN = (
    "event_id",
    "session_id",
    "video_id",
    "masklet_id",
    "frame_index",
    "phase",
    "tool",
    "kind",
    "client_monotonic_ms",
    "client_time",
    "age_seconds",
    "slept_seconds",
    "payload",
)
"""The columns of an event that come from its sender."""


@dataclass(frozen=True, slots=True)
class Added:
    """How many events of a batch make sense, and how many of these are new."""

    sensible: int
    new: int


async def add_events(
    session: AsyncSession, events: Sequence[dict[str, Any]], *, actor: Person, received_at: datetime | None
) -> Added:
    """Store the new ones of these events, in their order, if they are about what there is and the person may see."""
    given = [event | {"position": position} for position, event in enumerate(events)]
    values = {"events": given, "received_at": received_at} | asker(actor)
    sensible, new = (await session.execute(_adding(), values)).one()
    return Added(sensible, new)


@cache  # browsers send events all the time, and composing the statement takes longer than answering it
def _adding() -> Select[int, int]:
    types = {name: ActivityEvent.__table__.c[name].type for name in _GIVEN}
    columns = [column("position", Integer), *(column(name, kind) for name, kind in types.items())]
    given = func.jsonb_to_recordset(bindparam("events", type_=JSONB)).table_valued(*columns)
    event = given.render_derived(name="given", with_types=True)
    sensible = (
        select(event)
        .join(Video, Video.id == event.c.video_id)
        .outerjoin(Masklet, Masklet.id == event.c.masklet_id)
        .where(
            seen_by_asker(Video.project_id),
            or_(event.c.masklet_id.is_(None), Masklet.video_id == Video.id),
            or_(event.c.frame_index.is_(None), event.c.frame_index < func.coalesce(Video.num_frames, 0)),
        )
        .cte("sensible")
    )
    stamped = (bindparam("asker_id", type_=Uuid), func.coalesce(bindparam("received_at", type_=_TIME), func.now()))
    rows = select(*(sensible.c[name] for name in _GIVEN), *stamped).order_by(sensible.c.position)
    new = (
        insert(ActivityEvent)
        .from_select([*_GIVEN, "user_id", "created_at"], rows, include_defaults=False)
        .on_conflict_do_nothing(index_elements=[ActivityEvent.event_id])
        .returning(ActivityEvent.event_id)
        .cte("new")
    )
    return select(_number_in(sensible), _number_in(new))


def _number_in(rows: CTE) -> ScalarSelect[int]:
    return select(func.count()).select_from(rows).scalar_subquery()


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
