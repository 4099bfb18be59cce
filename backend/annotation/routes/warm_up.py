"""Encode a frame before anybody clicks on it."""

from contextlib import suppress
from uuid import UUID

from backend.annotation.engine import AnnotationEngine
from backend.annotation.record import masklet_queries
from backend.annotation.record.video_bounds import check_frame
from backend.db.engine import Sessions
from backend.model_client.problems import (
    ModelFailed,
    ModelRefused,
    ModelServerUnavailable,
    ModelUnusable,
    TakenOver,
    TrackingSessionUnknown,
)
from backend.videos.problems import VideoNotFound, VideoNotReady

_NOBODY_WAITS = (
    ModelServerUnavailable,
    ModelUnusable,
    ModelRefused,
    ModelFailed,
    TakenOver,
    TrackingSessionUnknown,
)


async def warm_up(sessions: Sessions, engine: AnnotationEngine, video_id: UUID, frame_index: int) -> None:
    """Ask the model server to encode a frame ahead of time. Failures of the model server are ignored.

    Raises:
        VideoNotFound, VideoNotReady, FrameOutOfRange: there is no such frame to encode.
    """
    async with sessions.begin() as session:
        video = await masklet_queries.video(session, video_id)
    if video is None:
        raise VideoNotFound
    if video.num_frames is None:
        raise VideoNotReady
    check_frame(video, frame_index)
    with suppress(*_NOBODY_WAITS):
        await engine.tracking.warm(video_id, frame_index)
