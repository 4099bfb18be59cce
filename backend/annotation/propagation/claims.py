"""A driver's claim to a run: checked before every write, and lost as soon as another driver takes the run over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.propagation.frame_range import visited
from backend.annotation.record import run_queries
from backend.masklets.edit_rules import lock_video, next_seq
from backend.tables import Run, Video
from backend.tables.states import RunState


class RunOver(Exception):
    """The run was cancelled, undone, finished or claimed by another driver: store nothing more."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A driver's right to store a run's masks, until another driver claims the run under a higher epoch."""

    run_id: UUID
    video_id: UUID
    epoch: int


async def claim_run(session: AsyncSession, run_id: UUID, *, held: Claim | None = None) -> Claim:
    """Take over an unfinished run, from its beginning or from where another driver left it.

    `held` is this driver's earlier claim, which does not block the new one.

    Raises:
        RunOver: there is nothing left to drive, or another backend holds a claim.
        VideoNotFound: the video was deleted.
    """
    run = await run_queries.run(session, run_id)
    if run is None:
        raise RunOver
    video = await lock_video(session, run.video_id)
    if (run := await run_queries.lock_run(session, run_id)) is None:
        raise RunOver
    if run.state not in (RunState.queued, RunState.running):
        raise RunOver
    if (held is None or held.epoch != run.epoch) and await run_queries.is_driven(session, run_id):
        raise RunOver
    run.epoch += 1
    run.driven_until = run_queries.CLAIM_END
    run.state = RunState.running
    run.started_at = run.started_at or datetime.now(UTC)
    run.seq = next_seq(session, video)
    return Claim(run.id, run.video_id, run.epoch)


async def lock_claimed(session: AsyncSession, claim: Claim) -> tuple[Video, Run]:
    """Lock a claimed run and its video.

    Raises:
        RunOver: the claim is no longer valid.
        VideoNotFound: the video was deleted.
    """
    video = await lock_video(session, claim.video_id)
    run = await run_queries.lock_run(session, claim.run_id)
    if run is None or run.epoch != claim.epoch or run.state is not RunState.running:
        raise RunOver
    return video, run


@dataclass(frozen=True, slots=True)
class Remainder:
    """A run, the (masklet, frame) pairs it has yet to visit, and each masklet's locked frames, where it stops."""

    video: Video
    run: Run
    left: frozenset[tuple[UUID, int]]
    locked: Mapping[UUID, set[int]]


async def remainder(session: AsyncSession, claim: Claim) -> Remainder:
    """Work out what is left of a run. Frames may have been locked or unlocked since it was created.

    Raises:
        RunOver: the claim is no longer valid.
    """
    video, run = await lock_claimed(session, claim)
    done = await run_queries.frames_done(session, run.action_id)
    settled = done | await run_queries.protected_frames(session, run.carried_ids)
    locked = await run_queries.locked_frames(session, run.carried_ids)
    left = visited(run, locked) - settled
    # Unlocking a frame lets a run go further, and an object that left it takes its frames along.
    run.total = len(done) + len(left) if run.left_out else max(run.total, len(done) + len(left))
    run.done = run.total - len(left)
    return Remainder(video, run, left, locked)
