"""Store activity events, and derive annotation time from them."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.concurrency import run_in_threadpool

from backend.auth.person import Person
from backend.masklets.line_queries import line_of
from backend.projects.problems import ProjectNotFound
from backend.timing import queries
from backend.timing.ages import Age, Stamp, ages_of
from backend.timing.attribution import Attribution, Split, attribute
from backend.timing.derivation import derive_at, open_seconds
from backend.timing.events import IDLE_CHOICES, IDLE_SECONDS, Derived, Event, Gap
from backend.timing.schemas import (
    ActivityAccepted,
    ActivityBatch,
    ActivityEventCreate,
    ActivitySent,
    GapRead,
    IdleTotal,
    MaskletTimingRead,
    VideoTimingRead,
)
from backend.timing.viewer import Viewer
from backend.videos.problems import VideoNotFound


async def record_activity(
    session: AsyncSession, batch: ActivityBatch, actor: Person, *, received_at: datetime | None
) -> ActivityAccepted:
    """Store new, valid events. Invalid ones are dropped and counted, since sending them again would not help.

    `received_at` is the time of receipt by the application's own clock; None means the database's clock.
    """
    events = {event.event_id: event for event in batch.events}
    sent = None if batch.sent is None else _stamp(batch.sent)
    ages = ages_of(((event.event_id, _stamp(event)) for event in events.values()), sent)
    rows = [event.model_dump(mode="json") | _aged(ages[event_id]) for event_id, event in events.items()]
    added = await queries.add_events(session, rows, actor=actor, received_at=received_at)
    return ActivityAccepted(accepted=added.new, known=added.sensible - added.new, refused=len(events) - added.sensible)


async def require_project(session: AsyncSession, project_id: UUID) -> None:
    """Check that a project exists.

    Raises:
        ProjectNotFound: there is no such project.
    """
    if not await queries.project_exists(session, project_id):
        raise ProjectNotFound


async def video_timing(
    session: AsyncSession, video_id: UUID, viewer: Viewer, *, idle_seconds: float = IDLE_SECONDS
) -> VideoTimingRead:
    """Derive a video's annotation time, of the people and with the masklets that the viewer may see.

    Raises:
        VideoNotFound: there is no such video.
    """
    video = await queries.video(session, video_id)
    if video is None:
        raise VideoNotFound
    events = await queries.events_around(session, [video_id], only=viewer.only)
    counts = await queries.frame_counts(session, video, line=await line_of(session, video_id, viewer.user_id))
    return await run_in_threadpool(_video_timing, video_id, viewer, events, counts, idle_seconds)


def _video_timing(
    video_id: UUID, viewer: Viewer, events: list[Event], counts: list[queries.FrameCounts], idle_seconds: float
) -> VideoTimingRead:
    at_idle = derive_at(events, [idle_seconds, *IDLE_CHOICES])
    derived = at_idle[idle_seconds]
    found = _attribution(derived, video_id)
    begun = [event.received for event in events if event.video_id == video_id]
    return VideoTimingRead(
        sees_everyone=viewer.sees_everyone,
        idle_seconds=idle_seconds,
        first_event_at=min(begun, default=None),
        open_seconds=_rounded(open_seconds(s for s in derived.sittings if s.video_id == video_id)),
        focused_seconds=_rounded(sum(s.end - s.start for s in derived.spans if s.key.video_id == video_id)),
        annotation_seconds=_rounded(found.annotation_seconds),
        at_idle=[
            IdleTotal(
                idle_seconds=limit,
                annotation_seconds=_rounded(_attribution(at_idle[limit], video_id).annotation_seconds),
            )
            for limit in IDLE_CHOICES
        ],
        gaps=[_gap(gap) for gap in derived.gaps if gap.key.video_id == video_id],
        shared_seconds=_rounded(found.unselected.own_seconds),
        verifying_seconds=_rounded(found.verifying_seconds),
        masklets=[_read(row, found.masklets.get(row.masklet_id) or Split()) for row in counts],
    )


def _read(row: queries.FrameCounts, split: Split) -> MaskletTimingRead:
    seconds = split.annotation_seconds
    return MaskletTimingRead(
        masklet_id=row.masklet_id,
        active_seconds=_rounded(split.active),
        waiting_seconds=_rounded(split.waiting),
        reviewing_seconds=_rounded(split.reviewing),
        verifying_seconds=_rounded(split.verifying),
        shared_seconds=_rounded(split.shared),
        annotated_frames=row.annotated_frames,
        edited_frames=row.edited_frames,
        clicks=row.clicks,
        seconds_per_frame=_rounded(seconds / row.annotated_frames) if row.annotated_frames and seconds else None,
    )


def _attribution(derived: Derived, video_id: UUID) -> Attribution:
    return attribute(span for span in derived.spans if span.key.video_id == video_id)


def _gap(gap: Gap) -> GapRead:
    return GapRead(started_at=datetime.fromtimestamp(gap.start, UTC), seconds=_rounded(gap.end - gap.start))


def _aged(age: Age) -> dict[str, float]:
    return {"age_seconds": age.awake, "slept_seconds": age.asleep}


def _stamp(moment: ActivityEventCreate | ActivitySent) -> Stamp:
    return Stamp(moment.session_id, moment.client_monotonic_ms, moment.client_time)


def _rounded(seconds: float) -> float:
    return round(seconds, 3)
