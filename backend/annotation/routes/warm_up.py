"""Have a frame encoded before anybody clicks on it."""

from contextlib import suppress
from uuid import UUID

from backend.annotation.engine import AnnotationDesk
from backend.annotation.record import frame_queries
from backend.annotation.record.problems import FrameOutOfRange
from backend.db.engine import Sessions
from backend.model_client.problems import (
    ModelFailed,
    ModelRefused,
    ModelServerUnavailable,
    ModelUnusable,
    SessionUnknown,
    TakenOver,
)
from backend.videos.refusals import VideoNotFound, VideoNotReady
from model_server.contract.sessions import WarmRequest

_NOBODY_WAITS = (ModelServerUnavailable, ModelUnusable, ModelRefused, ModelFailed, TakenOver, SessionUnknown)


async def warm_frame(sessions: Sessions, desk: AnnotationDesk, video_id: UUID, frame_index: int) -> None:
    """
    Raises:
        VideoNotFound, VideoNotReady, FrameOutOfRange
    """
    async with sessions.begin() as session:
        video = await frame_queries.video(session, video_id)
    if video is None:
        raise VideoNotFound
    if video.num_frames is None:
        raise VideoNotReady
    if frame_index >= video.num_frames:
        raise FrameOutOfRange(f"The video has {video.num_frames} frames.")
    place = await desk.memory.places.of(video_id)
    body = WarmRequest(epoch=place.epoch, frame_index=frame_index)
    with suppress(*_NOBODY_WAITS):
        try:
            await place.client.warm(str(video_id), body)
        except SessionUnknown:
            await desk.memory.open(video_id, place)
            await place.client.warm(str(video_id), body)
