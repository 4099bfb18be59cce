"""One attempt at a propagation: bring the model server to where the objects are, then store what it streams."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.propagation.frame_range import range_of
from backend.annotation.propagation.pace import Pace
from backend.annotation.propagation.results import Claim, Remainder, RunOver, finish_run, remainder, store_masks
from backend.annotation.record import run_queries
from backend.annotation.record.masks import measured
from backend.annotation.record.revisions import Answer
from backend.annotation.tracking.object_sync import Link, ObjectMemory, links
from backend.annotation.tracking.placement_queries import epoch
from backend.annotation.tracking.placements import Place
from backend.db.engine import Sessions
from backend.db.shared_locks import SharedLocks
from backend.model_client.problems import ModelFailed
from model_server.contract.problems import ProblemSlug
from model_server.contract.tracking import (
    PropagatedObject,
    PropagateRequest,
    RunEnded,
    RunEvent,
    RunFailed,
    RunMask,
    SkippedFrame,
)
from model_server.contract.wire import Direction

_MOST_AT_ONCE = 64  # masks in one transaction, and masks waiting to be stored

_Arrivals = asyncio.Queue[RunEvent | Exception]
_OVERTAKEN = {ProblemSlug.needs_restore, ProblemSlug.session_closed}


class Overtaken(Exception):
    """The objects or the whole video went on without this stream: begin again from what is stored."""


@dataclass(frozen=True, slots=True)
class RunDesk:
    """What driving a run takes."""

    sessions: Sessions
    memory: ObjectMemory
    locks: SharedLocks


async def advance(desk: RunDesk, claim: Claim, pace: Pace) -> None:
    """Bring a claimed run to its end, from wherever it is.

    Raises:
        RunOver: it was stopped, or somebody else drives it.
        Overtaken: call again at once.
        ModelServerUnavailable, ModelRefused, ModelFailed: what is stored so far stays; call again to go on.
    """
    async with desk.sessions.begin() as session:
        rest = await remainder(session, claim)
    if rest.left:
        async with AsyncExitStack() as stack:
            async with desk.locks.hold(rest.run.masklet_ids):
                stream = await _begin(desk, stack, rest)
            await _store_all(desk, claim, stream, pace)
    async with desk.sessions.begin() as session:
        rest = await remainder(session, claim)
        if rest.left:
            raise ModelFailed(f"The model ended the propagation {len(rest.left)} masks early.")
        await finish_run(session, claim)


@dataclass(frozen=True, slots=True)
class _Stream:
    """What a model server was told when it began, and what comes of it."""

    rest: Remainder
    place: Place
    events: AsyncIterator[RunEvent]

    async def is_outdated(self, session: AsyncSession) -> bool:
        """Whether the video moved, or frames were locked or unlocked: it must be told anew."""
        run = self.rest.run
        if await epoch(session, run.video_id) != self.place.epoch:
            return True
        return await run_queries.locked_frames(session, run.masklet_ids) != self.rest.locked


async def _begin(desk: RunDesk, stack: AsyncExitStack, rest: Remainder) -> _Stream:
    """The stream, opened with every object restored to its stored history."""
    run = rest.run
    async with desk.sessions.begin() as session:
        found = await links(session, run.masklet_ids, action_id=run.action_id)
    if len(found) < len(run.masklet_ids):
        raise RunOver  # it was undone just now

    async def ask(place: Place) -> _Stream:
        streaming = place.client.propagate(str(run.video_id), _request(place, rest, found))
        return _Stream(rest, place, await stack.enter_async_context(streaming))

    async def restore(place: Place) -> None:
        for masklet_id in run.masklet_ids:
            await desk.memory.restore(place, run.video_id, masklet_id, token=found[masklet_id].base_token)

    return await desk.memory.ask(run.video_id, ask, restore)


def _request(place: Place, rest: Remainder, found: dict[UUID, Link]) -> PropagateRequest:
    run = rest.run
    return PropagateRequest.model_construct(
        epoch=place.epoch,
        run_id=uuid4().hex,  # of this attempt: a cancelled one must not cancel the next
        objects=tuple(
            PropagatedObject(
                object_id=str(masklet_id),
                base_token=link.base_token,
                token=link.token,
                locked=tuple(sorted(rest.locked[masklet_id])),
                clean_under=run.clean_under,
            )
            for masklet_id, link in found.items()
        ),
        start_frame=run.start_frame,
        first_frame=run.first_frame,
        last_frame=run.last_frame,
        direction=Direction(run.direction),
        skip=tuple(
            SkippedFrame.model_construct(object_id=str(masklet_id), frame_index=frame)
            for masklet_id in run.masklet_ids
            for frame in sorted(range_of(run).open_frames(rest.locked[masklet_id]))
            if (masklet_id, frame) not in rest.left
        ),
    )


async def _store_all(desk: RunDesk, claim: Claim, stream: _Stream, pace: Pace) -> None:
    """Store masks until the stream's last line: whatever has arrived while the last ones were stored goes together."""
    arrivals: _Arrivals = asyncio.Queue(_MOST_AT_ONCE)
    async with _reading(stream.events, arrivals):
        while True:
            batch = await _next_batch(arrivals)
            answers = [_answer(event) for event in batch if isinstance(event, RunMask)]
            async with desk.sessions.begin() as session:  # also for a heartbeat: the run may have been stopped
                await store_masks(session, claim, answers, frames_per_second=pace.frames_per_second())
                is_outdated = await stream.is_outdated(session)
            pace.add(len(answers))
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
                case _:
                    pass


@asynccontextmanager
async def _reading(events: AsyncIterator[RunEvent], arrivals: _Arrivals) -> AsyncIterator[None]:
    async def read() -> None:
        try:
            async for event in events:
                await arrivals.put(event)
        except Exception as error:
            await arrivals.put(error)

    reader = asyncio.create_task(read())
    try:
        yield
    finally:
        reader.cancel()
        with suppress(asyncio.CancelledError):
            await reader


async def _next_batch(arrivals: _Arrivals) -> list[RunEvent | Exception]:
    """Everything that has arrived, and at least one thing. The last thing of all is an end, a failure or an error."""
    batch = [await arrivals.get()]
    while not arrivals.empty() and len(batch) < _MOST_AT_ONCE:
        batch.append(arrivals.get_nowait())
    return batch


def _answer(mask: RunMask) -> Answer:
    height, width = mask.mask.size
    return Answer(measured(mask.mask.counts.encode("ascii"), height=height, width=width), mask)
