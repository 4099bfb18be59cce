from collections import defaultdict
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.person import Person
from backend.tables import ActivityEvent
from backend.timing import queries
from backend.timing.derive import IDLE_SECONDS, Doing, Event, Seconds, seconds_spent
from backend.timing.schemas import (
    ActivityAccepted,
    ActivityBatch,
    ActivityEventCreate,
    MaskletTimingRead,
    VideoTimingRead,
)
from backend.videos.refusals import VideoNotFound

_Split = defaultdict[UUID, defaultdict[Doing, float]]


async def record_activity(session: AsyncSession, batch: ActivityBatch, actor: Person) -> ActivityAccepted:
    """Store what is new and makes sense. What does not is dropped and counted: sending it again would not help."""
    events = {event.event_id: event for event in batch.events}
    videos = await queries.videos(session, {event.video_id for event in events.values()}, actor=actor)
    masklets = {event.masklet_id for event in events.values() if event.masklet_id}
    homes = await queries.videos_of_masklets(session, masklets)

    def makes_sense(event: ActivityEventCreate) -> bool:
        video = videos.get(event.video_id)
        if video is None or (event.masklet_id is not None and homes.get(event.masklet_id) != event.video_id):
            return False
        return event.frame_index is None or (video.num_frames is not None and event.frame_index < video.num_frames)

    rows = [event.model_dump() | {"user_id": actor.user_id} for event in events.values() if makes_sense(event)]
    accepted = await queries.add_events(session, rows) if rows else 0
    return ActivityAccepted(accepted=accepted, known=len(rows) - accepted, refused=len(batch.events) - len(rows))


async def video_timing(session: AsyncSession, video_id: UUID, *, idle_seconds: float = IDLE_SECONDS) -> VideoTimingRead:
    """
    Raises:
        VideoNotFound
    """
    video = await queries.video(session, video_id)
    if video is None:
        raise VideoNotFound
    stored = await queries.events_of_video(session, video_id)
    spent = seconds_spent((_event(row) for row in stored), idle_seconds=idle_seconds)
    by_masklet, unselected = _by_masklet(spent)
    counts = await queries.frame_counts(session, video)
    annotating = {masklet: _annotating(by_masklet[masklet]) for masklet, _frames, _edited, _clicks in counts}
    total = sum(annotating.values())
    shared = _annotating(unselected)
    return VideoTimingRead(
        idle_seconds=idle_seconds,
        first_event_at=stored[0].created_at if stored else None,
        shared_seconds=round(shared, 3),
        reviewing_seconds=round(unselected[Doing.reviewing], 3),
        masklets=[
            _read(row, by_masklet[row[0]], share=shared * annotating[row[0]] / total if total else 0.0)
            for row in counts
        ],
    )


def _read(row: tuple[UUID, int, int, int], own: defaultdict[Doing, float], *, share: float) -> MaskletTimingRead:
    masklet_id, annotated_frames, edited_frames, clicks = row
    seconds = _annotating(own) + share
    return MaskletTimingRead(
        masklet_id=masklet_id,
        active_seconds=round(own[Doing.active], 3),
        waiting_seconds=round(own[Doing.waiting], 3),
        reviewing_seconds=round(own[Doing.reviewing], 3),
        shared_seconds=round(share, 3),
        annotated_frames=annotated_frames,
        edited_frames=edited_frames,
        clicks=clicks,
        seconds_per_frame=round(seconds / annotated_frames, 3) if annotated_frames and seconds else None,
    )


def _by_masklet(spent: Seconds) -> tuple[_Split, defaultdict[Doing, float]]:
    """By masklet, and what was spent with none selected."""
    by_masklet: _Split = defaultdict(lambda: defaultdict(float))
    unselected: defaultdict[Doing, float] = defaultdict(float)
    for (key, doing), seconds in spent.items():
        (unselected if key.masklet_id is None else by_masklet[key.masklet_id])[doing] += seconds
    return by_masklet, unselected


def _annotating(split: defaultdict[Doing, float]) -> float:
    """The annotator is blocked while waiting, so that counts too."""
    return split[Doing.active] + split[Doing.waiting]


def _event(row: ActivityEvent) -> Event:
    return Event(
        order=row.order,
        user_id=row.user_id,
        session_id=row.session_id,
        masklet_id=row.masklet_id,
        frame_index=row.frame_index,
        phase=row.phase,
        kind=row.kind,
        seconds=row.client_monotonic_ms / 1000,
        client_time=row.client_time,
        received=row.created_at,
        had_input=row.payload.get("had_input") is True,
    )
