"""Where a video's tracking session is.

A placement is a row that every backend reads before each request: the model server, the model, and an epoch that rises
with every move. A model server rejects an older epoch, so a backend that missed a move cannot continue with the session
that was left behind. When a server goes down, its videos move; when it comes back, they stay where they are.
"""

from dataclasses import dataclass
from uuid import UUID

import structlog

from backend.annotation.tracking import placement_queries
from backend.annotation.tracking.placement_queries import StoredPlacement
from backend.db.engine import Sessions
from backend.model_client.client import ModelClient
from backend.model_client.fleet import Fleet, ModelServer
from backend.tables import TrackingPlacement
from backend.videos.problems import VideoNotFound

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Placement:
    """The server, epoch and model of a video's tracking session. Model None is the server's default."""

    server: ModelServer
    epoch: int
    model: str | None

    @property
    def client(self) -> ModelClient:
        return self.server.client


class Placements:
    """Finds placements, and moves videos whose server is down or whose project uses another model now."""

    def __init__(self, sessions: Sessions, fleet: Fleet) -> None:
        self._sessions = sessions
        self._fleet = fleet

    async def of(self, video_id: UUID) -> Placement:
        """Find the video's placement; create or move it first if need be.

        Raises:
            VideoNotFound: there is no such video.
        """
        async with self._sessions.begin() as session:
            stored = await placement_queries.stored_placement(session, video_id)
            if stored is not None and stored.is_unnoted and not stored.is_forgotten:
                await placement_queries.note_use(session, video_id)
        if stored is None:
            raise VideoNotFound
        usable = None if stored.is_forgotten else self._usable(stored.placement, stored.wanted_model)
        return usable or await self._move(video_id, stored)

    def _usable(self, row: TrackingPlacement | None, model: str | None) -> Placement | None:
        if row is None or row.model != model:
            return None
        server = self._fleet.at(row.server)
        return Placement(server, row.epoch, model) if server and server.serves and server.has(model) else None

    async def _move(self, video_id: UUID, stored: StoredPlacement) -> Placement:
        model = stored.wanted_model
        server = await self._fleet.server_for(video_id, model)
        async with self._sessions.begin() as session:
            row = await placement_queries.lock_placement(session, video_id, server=server.url, model=model)
            if row is None:
                raise VideoNotFound
            if not stored.is_forgotten and (usable := self._usable(row, model)):
                return usable  # another backend moved it first
            if (row.server, row.model) != (server.url, model):
                _log.info("session.moved", video_id=str(video_id), server=server.name, before=row.server, model=model)
                row.server, row.model, row.epoch = server.url, model, await placement_queries.next_epoch(session)
            if stored.is_forgotten:
                await placement_queries.note_use(session, video_id)
            return Placement(server, row.epoch, model)
