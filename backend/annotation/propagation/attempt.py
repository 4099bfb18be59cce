"""One attempt at a run: start where the stored masks end, then store what the model server streams."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import assert_never
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.propagation.arrivals import batches
from backend.annotation.propagation.claims import Claim, Remainder, RunOver, remainder
from backend.annotation.propagation.frame_range import range_of
from backend.annotation.propagation.pace import Pace
from backend.annotation.propagation.results import finish_run, store_masks
from backend.annotation.record import frame_queries, run_queries
from backend.annotation.record.masks import measured
from backend.annotation.record.revisions import ModelMask
from backend.annotation.tracking import placement_queries
from backend.annotation.tracking.histories import Continuation, continuations
from backend.annotation.tracking.object_sync import RestorePoint
from backend.annotation.tracking.resources import TrackingResources
from backend.annotation.tracking.tracking_client import UNPLACED, TrackedRun
from backend.db.engine import Sessions
from backend.model_client.problems import ModelFailed
from model_server.contract.problems import ProblemSlug
from model_server.contract.tracking import (
    PropagatedObject,
    PropagateRequest,
    RunEnded,
    RunFailed,
    RunHeartbeat,
    RunMask,
    RunOpened,
    SkippedFrame,
)
from model_server.contract.wire import Direction

OBJECTS_AT_ONCE = 100
"""Objects that the model server carries in one pass through the video: their memories lie side by side."""
_OVERTAKEN = {ProblemSlug.needs_restore, ProblemSlug.session_closed}


class Overtaken(Exception):
    """The objects or the whole video changed during this attempt: start again from what is stored."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What an object's masks are carried from, by the token of its history: a prompt during a run adds to it."""

    checksums: dict[tuple[UUID, str], int]

    async def of(self, session: AsyncSession, event: RunMask) -> int:
        """The checksum of what this mask was carried from. Of a history begun by a prompt, as it is stored now."""
        masklet_id = UUID(event.object_id)
        key = (masklet_id, event.token)
        if key not in self.checksums:
            self.checksums[key] = (await frame_queries.drawn_checksums(session, [masklet_id]))[masklet_id]
        return self.checksums[key]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A stream that has begun, and what was left of the run at the time."""

    rest: Remainder
    tracked: TrackedRun
    sources: Sources


async def advance(resources: TrackingResources, claim: Claim, pace: Pace) -> None:
    """Bring a claimed run to its end from where it is.

    Raises:
        RunOver: it was stopped, or another driver has it.
        Overtaken: call again at once.
        ModelServerUnavailable, ModelUnusable, ModelRefused, ModelFailed: what is stored stays; call again to continue.
    """
    async with resources.sessions.begin() as session:
        rest = await remainder(session, claim)
    unfinished = {masklet_id for masklet_id, _frame in rest.left}
    waiting = [masklet_id for masklet_id in rest.run.carried_ids if masklet_id in unfinished]
    for first in range(0, len(waiting), OBJECTS_AT_ONCE):
        together = waiting[first : first + OBJECTS_AT_ONCE]
        async with AsyncExitStack() as stack:
            async with resources.locks.hold(together):
                tracked, sources = await _begin(resources, stack, rest, together)
            await _store_all(resources.sessions, claim, Attempt(rest, tracked, sources), pace)
    async with resources.sessions.begin() as session:
        await finish_run(session, claim)


async def _begin(
    resources: TrackingResources, stack: AsyncExitStack, rest: Remainder, together: Sequence[UUID]
) -> tuple[TrackedRun, "Sources"]:
    run = rest.run
    async with resources.sessions.begin() as session:
        found = await continuations(session, together, action_id=run.action_id)
        drawn = await frame_queries.drawn_checksums(session, together)
    if len(found) < len(together):
        raise RunOver  # it has just been undone
    bases = [RestorePoint(masklet_id, found[masklet_id].base_token) for masklet_id in together]
    beginning = resources.client.propagate(run.video_id, _request(rest, found), bases)
    sources = Sources({(masklet_id, each.token): drawn[masklet_id] for masklet_id, each in found.items()})
    return await stack.enter_async_context(beginning), sources


def _request(rest: Remainder, found: Mapping[UUID, Continuation]) -> PropagateRequest:
    run = rest.run
    return PropagateRequest.model_construct(  # without validation: `skip` can be long
        epoch=UNPLACED,
        run_id="",
        objects=tuple(
            PropagatedObject(
                object_id=str(masklet_id),
                base_token=continuation.base_token,
                token=continuation.token,
                locked=tuple(sorted(rest.locked[masklet_id])),
                clean_under=run.clean_under,
            )
            for masklet_id, continuation in found.items()
        ),
        start_frame=run.start_frame,
        first_frame=run.first_frame,
        last_frame=run.last_frame,
        direction=Direction(run.direction),
        skip=tuple(
            SkippedFrame.model_construct(object_id=str(masklet_id), frame_index=frame)
            for masklet_id in found
            for frame in sorted(range_of(run).open_frames(rest.locked[masklet_id]))
            if (masklet_id, frame) not in rest.left
        ),
    )


async def _store_all(sessions: Sessions, claim: Claim, attempt: Attempt, pace: Pace) -> None:
    """Store masks until the stream's last event.

    Raises:
        Overtaken: the video's placement changed, an object left the run, frames were locked or unlocked, or another
            backend restored an object.
    """
    async with batches(attempt.tracked.events) as arriving:
        async for batch in arriving:
            events = [event for event in batch if isinstance(event, RunMask)]
            async with sessions.begin() as session:  # also for a heartbeat: the run may have been stopped
                made = [_model_mask(event, await attempt.sources.of(session, event)) for event in events]
                carried = await store_masks(session, claim, made, frames_per_second=pace.frames_per_second())
                moved = await placement_queries.epoch(session, claim.video_id) != attempt.tracked.epoch
                is_outdated = moved or await run_queries.locked_frames(session, carried) != attempt.rest.locked
            pace.add(len(made))
            if is_outdated:
                raise Overtaken
            match batch[-1]:
                case RunEnded():
                    return
                case RunFailed(code=code) if code in _OVERTAKEN:
                    raise Overtaken
                case RunFailed(detail=detail):
                    raise ModelFailed(detail)
                case Exception() as error:
                    raise error
                case RunOpened() | RunMask() | RunHeartbeat():
                    pass
                case _ as event:
                    assert_never(event)


def _model_mask(event: RunMask, built_on: int) -> ModelMask:
    height, width = event.mask.size
    return ModelMask(measured(event.mask.counts.encode("ascii"), height=height, width=width), event, built_on)
