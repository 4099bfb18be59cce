"""Store a propagation's masks as they arrive: short transactions, fenced by the run's epoch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.propagation.frame_range import range_of
from backend.annotation.record import frame_queries, history_queries, run_queries
from backend.annotation.record.revisions import Answer, answer_values
from backend.annotation.record.run_queries import FramePointers
from backend.masklets.editing import lock_video, next_seq
from backend.masklets.stopping import end_run
from backend.tables import Action, FrameChange, FrameMask, FrameState, Run, Video
from backend.tables.states import MaskSource, RunState


class RunOver(Exception):
    """The run was cancelled, undone, finished or claimed by another driver: store nothing more."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A driver's right to write a run's masks, until somebody claims it with a higher epoch."""

    run_id: UUID
    video_id: UUID
    epoch: int


async def claim_run(session: AsyncSession, run_id: UUID, *, held: Claim | None = None) -> Claim:
    """Take an unfinished run over, from its beginning or from where another driver left it.

    `held` is an earlier claim of the same driver, which does not stand in its own way.

    Raises:
        RunOver: there is nothing left to drive, or another backend is at it.
    """
    run = await run_queries.run(session, run_id)
    if run is None:
        raise RunOver
    video = await lock_video(session, run.video_id)
    await session.refresh(run, with_for_update=True)
    if run.state not in (RunState.queued, RunState.running):
        raise RunOver
    if (held is None or held.epoch != run.epoch) and await run_queries.is_driven(session, run_id):
        raise RunOver
    run.epoch += 1
    run.driven_until = run_queries.LEASE_END
    run.state = RunState.running
    run.started_at = run.started_at or datetime.now(UTC)
    run.seq = next_seq(session, video)
    return Claim(run.id, run.video_id, run.epoch)


@dataclass(frozen=True, slots=True)
class Remainder:
    """What a run still has to visit, as (masklet, frame), and where it stops: the locked frames of each masklet."""

    run: Run
    left: frozenset[tuple[UUID, int]]
    locked: Mapping[UUID, set[int]]


async def remainder(session: AsyncSession, claim: Claim) -> Remainder:
    """What is left of a run, as things are now: frames may have been locked meanwhile.

    Raises:
        RunOver
    """
    _video, run = await _locked(session, claim)
    done = await run_queries.frames_done(session, run.action_id)
    settled = done | await run_queries.protected_frames(session, run.masklet_ids)
    locked = await run_queries.locked_frames(session, run.masklet_ids)
    left = _open(run, locked) - settled
    run.total = max(run.total, len(done) + len(left))  # unlocking a frame lets a run go further
    run.done = run.total - len(left)
    return Remainder(run, left, locked)


async def store_masks(
    session: AsyncSession, claim: Claim, answers: Sequence[Answer], *, frames_per_second: float | None = None
) -> None:
    """Store what arrived; frames that a person prompted, drew or locked meanwhile, or that lie behind a locked one,
    keep what they have.

    Raises:
        RunOver
    """
    video, run = await _locked(session, claim)
    run.driven_until = run_queries.LEASE_END
    if not answers:
        return
    action = await history_queries.action(session, run.action_id)
    assert action is not None
    masklets = {masklet.id: masklet for masklet in await frame_queries.masklets(session, run.masklet_ids)}
    keyed = {(UUID(answer.result.object_id), answer.result.frame_index): answer for answer in answers}
    before = await run_queries.frame_pointers(session, list(keyed))
    within = _open(run, await run_queries.locked_frames(session, run.masklet_ids))
    free = {key for key in keyed if key in within and not (key in before and before[key].protected)}
    fresh = {key: answer for key, answer in keyed.items() if key in free}
    masks = [
        answer_values(action, masklets[masklet_id], answer, MaskSource.propagated, run_id=run.id)
        for (masklet_id, _frame), answer in fresh.items()
    ]
    if masks:
        await session.execute(insert(FrameMask), masks)
        await _point_at(session, video, masks)
        await _remember(session, action, masks, before)
    run.done = min(run.total, run.done + len(keyed))
    run.frames_per_second = frames_per_second
    run.model_version = answers[-1].result.model_version
    run.seq = next_seq(session, video)


async def finish_run(session: AsyncSession, claim: Claim) -> None:
    """Every frame is there."""
    video, run = await _locked(session, claim)
    run.done = run.total
    await end_run(session, video, run, RunState.done)


async def fail_run(session: AsyncSession, claim: Claim, problem: dict[str, object]) -> None:
    """It cannot go on; what is stored stays, and it can be undone."""
    video, run = await _locked(session, claim)
    run.problem = problem
    await end_run(session, video, run, RunState.failed)


def _open(run: Run, locked: Mapping[UUID, set[int]]) -> frozenset[tuple[UUID, int]]:
    span = range_of(run)
    return frozenset(
        (masklet_id, frame) for masklet_id in run.masklet_ids for frame in span.open_frames(locked[masklet_id])
    )


async def _locked(session: AsyncSession, claim: Claim) -> tuple[Video, Run]:
    video = await lock_video(session, claim.video_id)
    run = await session.get(Run, claim.run_id, with_for_update=True, populate_existing=True)
    if run is None or run.epoch != claim.epoch or run.state is not RunState.running:
        raise RunOver
    return video, run


async def _point_at(session: AsyncSession, video: Video, masks: Sequence[dict[str, Any]]) -> None:
    first_seq = next_seq(session, video, len(masks))
    states = insert(FrameState)
    await session.execute(
        states.on_conflict_do_update(
            index_elements=[FrameState.masklet_id, FrameState.frame_index],
            set_={"mask_id": states.excluded.mask_id, "seq": states.excluded.seq},
        ),
        [
            {
                "masklet_id": mask["masklet_id"],
                "frame_index": mask["frame_index"],
                "video_id": video.id,
                "mask_id": mask["id"],
                "seq": first_seq + offset,
            }
            for offset, mask in enumerate(masks)
        ],
    )


async def _remember(
    session: AsyncSession, action: Action, masks: Sequence[dict[str, Any]], before: FramePointers
) -> None:
    """What each frame had before the run stays what it had before the run, however often the frame is stored."""
    changes = insert(FrameChange)
    await session.execute(
        changes.on_conflict_do_update(
            index_elements=[FrameChange.action_id, FrameChange.masklet_id, FrameChange.frame_index],
            set_={"after_mask_id": changes.excluded.after_mask_id},
        ),
        [_change(action, mask, before) for mask in masks],
    )


def _change(action: Action, mask: dict[str, Any], before: FramePointers) -> dict[str, Any]:
    known = before.get((mask["masklet_id"], mask["frame_index"]))
    return {
        "action_id": action.id,
        "masklet_id": mask["masklet_id"],
        "frame_index": mask["frame_index"],
        "before_mask_id": None if known is None else known.mask_id,
        "after_mask_id": mask["id"],
    }
