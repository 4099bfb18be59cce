"""Queries for runs: their drivers' claims, the frames they still have to visit, and those they must not change."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record.frame_queries import CONDITIONING, CURRENT_MASK
from backend.masklets.line_queries import LINE, Line, on_line
from backend.tables import Action, FrameChange, FrameMask, FrameState, Run
from backend.tables.base import LAST_SEQ
from backend.tables.states import RunState

CLAIM_PERIOD = timedelta(seconds=4)
CLAIM_END = func.clock_timestamp() + CLAIM_PERIOD
"""When a driver's claim to a run ends unless it is renewed, by the database's clock."""


async def run(session: AsyncSession, run_id: UUID) -> Run | None:
    return await session.get(Run, run_id)


async def lock_run(session: AsyncSession, run_id: UUID) -> Run | None:
    """A run, locked and reloaded."""
    return await session.get(Run, run_id, with_for_update=True, populate_existing=True)


async def run_of_action(session: AsyncSession, action_id: UUID) -> Run | None:
    return (await session.scalars(select(Run).where(Run.action_id == action_id))).one_or_none()


async def changed_runs(
    session: AsyncSession, video_id: UUID, line: Line, *, after: int, until: int | None
) -> Sequence[Run]:
    """Runs whose sequence number is above `after` and, if given, at most `until`; oldest first."""
    about = {"video_id": video_id, "line": line, "after": after, "until": LAST_SEQ if until is None else until}
    return (await session.scalars(_CHANGED_RUNS, about)).all()


_CHANGED_RUNS = (
    select(Run)
    .join(Action, Action.id == Run.action_id)
    .where(Run.video_id == bindparam("video_id"), on_line(Action.participant_id, LINE))
    .where(Run.seq > bindparam("after"), Run.seq <= bindparam("until"))
    .order_by(Run.created_at)
)


async def is_driven(session: AsyncSession, run_id: UUID) -> bool:
    """Whether a backend holds a claim to the run."""
    held = select(Run.driven_until > func.clock_timestamp()).where(Run.id == run_id)
    return bool(await session.scalar(held))


async def undriven_runs(session: AsyncSession) -> Sequence[Run]:
    """Unfinished runs without a valid claim: new ones, and those whose backend is gone."""
    free = or_(Run.driven_until.is_(None), Run.driven_until <= func.clock_timestamp())
    active = select(Run).where(Run.state.in_([RunState.queued, RunState.running]), free)
    return (await session.scalars(active.order_by(Run.created_at))).all()


async def renew_claims(session: AsyncSession, epochs: Mapping[UUID, int]) -> None:
    """Extend the claims to these runs, held under these epochs."""
    await _set_claims(session, epochs, CLAIM_END)


async def release_claims(session: AsyncSession, epochs: Mapping[UUID, int]) -> None:
    """Let any backend claim these runs at once."""
    await _set_claims(session, epochs, None)


async def _set_claims(session: AsyncSession, epochs: Mapping[UUID, int], until: object) -> None:
    # Skip locked rows: whoever is writing them, this process or a new driver, sets the claim as well, and waiting for
    # several of them could deadlock.
    claimed = tuple_(Run.id, Run.epoch).in_(list(epochs.items()))
    free = select(Run.id).where(claimed).with_for_update(skip_locked=True)
    await session.execute(
        update(Run).where(Run.id.in_(free)).values(driven_until=until),
        execution_options={"synchronize_session": False},
    )


async def ended_runs(session: AsyncSession, run_ids: Collection[UUID]) -> Sequence[UUID]:
    """Which of these runs have ended or were deleted."""
    active = select(Run.id).where(Run.id.in_(run_ids), Run.state.in_([RunState.queued, RunState.running]))
    return list(set(run_ids) - set(await session.scalars(active)))


async def frames_done(session: AsyncSession, action_id: UUID) -> set[tuple[UUID, int]]:
    """(masklet, frame) pairs that an action has already changed."""
    changed = select(FrameChange.masklet_id, FrameChange.frame_index).where(FrameChange.action_id == action_id)
    return {(masklet_id, frame_index) for masklet_id, frame_index in await session.execute(changed)}


async def protected_frames(session: AsyncSession, masklet_ids: Sequence[UUID]) -> set[tuple[UUID, int]]:
    """(masklet, frame) pairs that no run may overwrite: prompted, drawn, found automatically or locked."""
    found = (
        select(FrameState.masklet_id, FrameState.frame_index)
        .outerjoin(FrameMask, CURRENT_MASK)
        .where(FrameState.masklet_id.in_(masklet_ids), or_(FrameState.prompt_set_id.is_not(None), CONDITIONING))
    )
    return {(masklet_id, frame_index) for masklet_id, frame_index in await session.execute(found)}


async def locked_frames(session: AsyncSession, masklet_ids: Sequence[UUID]) -> dict[UUID, set[int]]:
    """The locked frames of each of these masklets."""
    found = select(FrameState.masklet_id, FrameState.frame_index).where(
        FrameState.masklet_id.in_(masklet_ids), FrameState.locked
    )
    locked: dict[UUID, set[int]] = {masklet_id: set() for masklet_id in masklet_ids}
    for masklet_id, frame_index in await session.execute(found):
        locked[masklet_id].add(frame_index)
    return locked


async def masklets_to_propagate(session: AsyncSession, masklet_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these masklets have a conditioning frame to propagate from."""
    found = (
        select(FrameState.masklet_id)
        .join(FrameMask, CURRENT_MASK)
        .where(FrameState.masklet_id.in_(masklet_ids), FrameMask.masklet_id.in_(masklet_ids), CONDITIONING)
    )
    return set(await session.scalars(found.distinct()))


@dataclass(frozen=True, slots=True)
class FramePointer:
    """A frame's current mask, and whether a propagation may replace it."""

    mask_id: UUID | None
    protected: bool


FramePointers = Mapping[tuple[UUID, int], FramePointer]
"""By (masklet, frame); frames that were never touched are left out."""


async def frame_pointers(session: AsyncSession, keys: Sequence[tuple[UUID, int]]) -> FramePointers:
    found = (
        select(
            FrameState.masklet_id,
            FrameState.frame_index,
            FrameState.mask_id,
            func.coalesce(or_(FrameState.prompt_set_id.is_not(None), CONDITIONING), False),
        )
        .outerjoin(FrameMask, CURRENT_MASK)
        .where(tuple_(FrameState.masklet_id, FrameState.frame_index).in_(keys))
    )
    rows = await session.execute(found)
    return {(masklet_id, frame): FramePointer(mask_id, protected) for masklet_id, frame, mask_id, protected in rows}
