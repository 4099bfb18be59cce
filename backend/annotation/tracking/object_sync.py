"""Bring a model server in line with the database: open a video's tracking session, and restore its objects.

The model server is a cache. Before it works on an object it must hold the object's stored history, which a token names.
If it does not, because it was restarted, it evicted the session or somebody undid an action, it gets the stored masks.
"""

from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record import frame_queries, history_queries, masklet_queries
from backend.annotation.record.video_bounds import frame_size
from backend.annotation.tracking.placements import Placement
from backend.annotation.tracking.seeds import Refined, conditioning_seeds, tracked_seeds
from backend.db.engine import Sessions
from backend.models.queries import remember_version
from backend.phases.rules import Tool, allows
from backend.storage.objects import ObjectStore
from backend.tables import Video
from backend.videos.problems import VideoNotFound, VideoNotReady
from model_server.contract.sessions import OpenSessionRequest, RestoreRequest, VideoReference

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RestorePoint:
    """The history that a request builds on: its token and, for a prompt, the action it ends before."""

    masklet_id: UUID
    token: str
    before: UUID | None = None


class ObjectSync:
    """Opens tracking sessions and restores objects. It has no state, so any backend can make the next call."""

    def __init__(self, sessions: Sessions, store: ObjectStore) -> None:
        self._sessions = sessions
        self._store = store

    async def open(self, video_id: UUID, placement: Placement) -> None:
        """Open the video's tracking session, unless it is open already.

        Raises:
            TakenOver: the video has a newer placement.
            VideoNotFound, VideoNotReady: there is no video of record to open.
        """
        async with self._sessions.begin() as session:
            video = await masklet_queries.video(session, video_id)
        if video is None:
            raise VideoNotFound
        opened = await placement.client.open_session(str(video_id), self._opening(video, placement))
        async with self._sessions.begin() as session:
            await remember_version(session, opened.model_version, opened.model)

    async def restore(self, video_id: UUID, placement: Placement, point: RestorePoint) -> None:
        """Send the masks that the object has at this point of its history, under that history's token."""
        async with self._sessions.begin() as session:
            video = await masklet_queries.video(session, video_id)
            masks = await frame_queries.known_masks(session, point.masklet_id, before=point.before)
            refines = allows(await masklet_queries.phase_of(session, point.masklet_id), Tool.refine)
            refined = await _refined(session, point) if refines else None
        if video is None:
            raise VideoNotFound
        size = frame_size(video)
        body = RestoreRequest(
            epoch=placement.epoch,
            object_id=str(point.masklet_id),
            token=point.token,
            conditioning=conditioning_seeds(masks, size, refined),
            tracked=tracked_seeds(masks, size),
        )
        restored = await placement.client.restore(str(video_id), body)
        _log.info("object.restored", masklet_id=str(point.masklet_id), frames=restored.restored)

    def _opening(self, video: Video, placement: Placement) -> OpenSessionRequest:
        if video.proxy_key is None or video.width is None or video.height is None or video.num_frames is None:
            raise VideoNotReady
        path = str(self._store.local_path(video.proxy_key))
        reference = VideoReference(path=path, width=video.width, height=video.height, num_frames=video.num_frames)
        return OpenSessionRequest(epoch=placement.epoch, video=reference, model=placement.model)


async def _refined(session: AsyncSession, point: RestorePoint) -> Refined:
    mask_ids = await history_queries.refined_by_prompts(session, point.masklet_id, before=point.before)
    wanted = [mask_id for mask_id in mask_ids.values() if mask_id]
    counts = await frame_queries.mask_counts(session, point.masklet_id, wanted)
    return {frame: None if mask_id is None else counts[mask_id] for frame, mask_id in mask_ids.items()}
