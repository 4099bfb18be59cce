"""Calls to a video's tracking session: find it, open it, restore its objects, and retry if need be."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID, uuid4

from backend.annotation.tracking.object_sync import ObjectSync, RestorePoint
from backend.annotation.tracking.placements import Placement, Placements
from backend.model_client.problems import (
    ModelServerGone,
    ModelServerUnavailable,
    NeedsRestore,
    TakenOver,
    TrackingSessionUnknown,
)
from model_server.contract.masks import MaskResult
from model_server.contract.prompts import PromptRequest
from model_server.contract.search import SearchEvent, SearchRequest
from model_server.contract.sessions import WarmRequest
from model_server.contract.tracking import PropagateRequest, RunEvent

_Result = TypeVar("_Result")
_MOST_ATTEMPTS = 6  # enough if the session is lost, then moves, then loses its objects; more means interference

UNPLACED = 0
"""The epoch of a request that has not been sent; `TrackingClient` sets the placement's."""


@dataclass(frozen=True, slots=True)
class TrackedRun:
    """A propagation that a model server has begun: the epoch of its request, and its events."""

    epoch: int
    events: AsyncIterator[RunEvent]


class TrackingClient:
    """The calls of `ModelClient` that concern a tracking session. If its server is gone, another one takes over.

    Requests are passed with the epoch `UNPLACED`. Every call may raise ModelServerUnavailable, ModelUnusable,
    ModelRefused, ModelFailed, VideoNotFound or VideoNotReady.
    """

    def __init__(self, placements: Placements, sync: ObjectSync) -> None:
        self._placements = placements
        self._sync = sync

    async def prompt(self, video_id: UUID, request: PromptRequest, base: RestorePoint) -> MaskResult:
        """Get one object's mask on one frame. `base` is the history that the request builds on."""

        async def send(placement: Placement) -> MaskResult:
            placed = request.model_copy(update={"epoch": placement.epoch})
            return await placement.client.prompt(str(video_id), placed)

        return await self._call(video_id, send, [base])

    @asynccontextmanager
    async def propagate(
        self, video_id: UUID, request: PropagateRequest, bases: Sequence[RestorePoint]
    ) -> AsyncGenerator[TrackedRun]:
        """Begin a run. `bases` are the histories it builds on; leaving the block early cancels it.

        Each attempt gets its own `run_id`, so that cancelling one cannot cancel the next.
        """
        async with AsyncExitStack() as stack:

            async def send(placement: Placement) -> TrackedRun:
                placed = request.model_copy(update={"epoch": placement.epoch, "run_id": uuid4().hex})
                streaming = placement.client.propagate(str(video_id), placed)
                return TrackedRun(placement.epoch, await stack.enter_async_context(streaming))

            yield await self._call(video_id, send, bases)

    @asynccontextmanager
    async def find_masks(self, video_id: UUID, request: SearchRequest) -> AsyncGenerator[AsyncIterator[SearchEvent]]:
        """Search for masks and yield the search's events. It builds on no history; leaving the block early ends it."""
        async with AsyncExitStack() as stack:

            async def send(placement: Placement) -> AsyncIterator[SearchEvent]:
                placed = request.model_copy(update={"epoch": placement.epoch})
                return await stack.enter_async_context(placement.client.find_masks(str(video_id), placed))

            yield await self._call(video_id, send, [])

    async def warm(self, video_id: UUID, frame_index: int) -> None:
        """Encode a frame ahead of time. Nobody is waiting for it, so it is tried only once.

        Raises:
            TakenOver: the video moved during the call.
            TrackingSessionUnknown: its session was closed during the call.
        """
        placement = await self._placements.of(video_id)
        request = WarmRequest(epoch=placement.epoch, frame_index=frame_index)
        try:
            await placement.client.warm(str(video_id), request)
        except TrackingSessionUnknown:
            await self._sync.open(video_id, placement)
            await placement.client.warm(str(video_id), request)

    async def _call(
        self, video_id: UUID, send: Callable[[Placement], Awaitable[_Result]], bases: Sequence[RestorePoint]
    ) -> _Result:
        placement = await self._placements.of(video_id)
        for _attempt in range(_MOST_ATTEMPTS):
            try:
                try:
                    return await send(placement)
                except TrackingSessionUnknown:
                    await self._sync.open(video_id, placement)
                except NeedsRestore:
                    for base in bases:
                        await self._sync.restore(video_id, placement, base)
            except (TrackingSessionUnknown, NeedsRestore):
                pass  # another backend restored an object, or the session was closed in between
            except TakenOver:
                if (moved := await self._placements.of(video_id)) == placement:
                    raise ModelServerUnavailable("The model server holds this video for another database.") from None
                placement = moved
            except ModelServerGone as error:
                placement.server.gone(error.detail)
                moved = await self._placements.of(video_id)
                if moved.server is placement.server:
                    raise
                placement = moved
        raise ModelServerUnavailable("The tracking session does not keep what it is given.")
