"""Where a video's tracking session is.

The place is a row that every backend reads before it asks: the model server, the model, and an epoch that rises with
every move. A model server refuses an older epoch, so that a backend which has not heard of a move cannot go on with
what was left behind. When a server goes, its videos move; when it comes back they stay where they are.
"""

from dataclasses import dataclass
from uuid import UUID

import structlog

from backend.annotation.tracking import placement_queries
from backend.annotation.tracking.placement_queries import KnownPlace
from backend.db.engine import Sessions
from backend.model_client.client import ModelClient
from backend.model_client.fleet import Fleet, ModelServer
from backend.tables import TrackingPlace
from backend.videos.refusals import VideoNotFound

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Place:
    """A video's tracking session: at which server, under which epoch, with which model (None: the default)."""

    server: ModelServer
    epoch: int
    model: str | None

    @property
    def client(self) -> ModelClient:
        return self.server.client


class Places:
    """Finds places, and moves videos whose server is gone or whose project chose another model."""

    def __init__(self, sessions: Sessions, fleet: Fleet) -> None:
        self._sessions = sessions
        self._fleet = fleet

    async def of(self, video_id: UUID) -> Place:
        """
        Raises:
            VideoNotFound
        """
        async with self._sessions.begin() as session:
            known = await placement_queries.known_place(session, video_id)
            if known is not None and known.is_unnoted and not known.is_forgotten:
                await placement_queries.note_use(session, video_id)
        if known is None:
            raise VideoNotFound
        good = None if known.is_forgotten else self._good(known.place, known.wanted_model)
        return good or await self._move(video_id, known)

    def may_move(self, place: Place) -> bool:
        """Whether another server could take over."""
        return any(server is not place.server for server in self._fleet.serving(place.model))

    def _good(self, place: TrackingPlace | None, model: str | None) -> Place | None:
        if place is None or place.model != model:
            return None
        server = self._fleet.at(place.server)
        return Place(server, place.epoch, model) if server and server.serves and server.has(model) else None

    async def _move(self, video_id: UUID, known: KnownPlace) -> Place:
        model = known.wanted_model
        server = await self._fleet.placed(video_id, model)
        async with self._sessions.begin() as session:
            place = await placement_queries.lock_place(session, video_id, server=server.url, model=model)
            if place is None:
                raise VideoNotFound
            if not known.is_forgotten and (good := self._good(place, model)):
                return good  # another backend was faster
            if (place.server, place.model) != (server.url, model):
                _log.info("session.moved", video_id=str(video_id), server=server.name, before=place.server, model=model)
                place.server, place.model, place.epoch = server.url, model, await placement_queries.next_epoch(session)
            if known.is_forgotten:
                await placement_queries.note_use(session, video_id)
            return Place(server, place.epoch, model)
