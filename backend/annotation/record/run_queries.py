from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record.frame_queries import CONDITIONING, CURRENT_MASK
from backend.tables import FrameChange, FrameMask, FrameState, Run
from backend.tables.states import RunState

LEASE = timedelta(seconds=4)
LEASE_END = func.clock_timestamp() + LEASE
"""Until when a driver has a run to itself, if it does not say anything more. Only the database's clock counts."""


async def run(session: AsyncSession, run_id: UUID) -> Run | None:
    return await session.get(Run, run_id)


async def run_of_action(session: AsyncSession, action_id: UUID) -> Run | None:
    return (await session.scalars(select(Run).where(Run.action_id == action_id))).one_or_none()


async def is_driven(session: AsyncSession, run_id: UUID) -> bool:
    """Whether some backend has said lately that it is at it."""
    held = select(Run.driven_until > func.clock_timestamp()).where(Run.id == run_id)
    return bool(await session.scalar(held))


async def undriven_runs(session: AsyncSession) -> Sequence[Run]:
    """Unfinished runs that nobody is at: new ones, and those whose backend went away."""
    free = or_(Run.driven_until.is_(None), Run.driven_until <= func.clock_timestamp())
    active = select(Run).where(Run.state.in_([RunState.queued, RunState.running]), free)
    return (await session.scalars(active.order_by(Run.created_at))).all()


async def renew_leases(session: AsyncSession, epochs: Mapping[UUID, int]) -> None:
    """Say that these runs, claimed under these epochs, are being driven."""
    await _set_leases(session, epochs, LEASE_END)


async def give_leases_back(session: AsyncSession, epochs: Mapping[UUID, int]) -> None:
    """Let anybody take these runs over at once."""
    await _set_leases(session, epochs, None)


async def _set_leases(session: AsyncSession, epochs: Mapping[UUID, int], until: object) -> None:
    # Rows that somebody has locked are being written just now, by us or by a new driver: they need nothing from here,
    # and waiting for several of them at once could lock up.
    claimed = tuple_(Run.id, Run.epoch).in_(list(epochs.items()))
    free = select(Run.id).where(claimed).with_for_update(skip_locked=True)
    await session.execute(
        update(Run).where(Run.id.in_(free)).values(driven_until=until),
        execution_options={"synchronize_session": False},
    )


async def ended_runs(session: AsyncSession, run_ids: Collection[UUID]) -> Sequence[UUID]:
    """Of these runs, the ones nobody should drive any more."""
    active = select(Run.id).where(Run.id.in_(run_ids), Run.state.in_([RunState.queued, RunState.running]))
    return list(set(run_ids) - set(await session.scalars(active)))


async def frames_done(session: AsyncSession, action_id: UUID) -> set[tuple[UUID, int]]:
    """(masklet, frame) an action already changed."""
    changed = select(FrameChange.masklet_id, FrameChange.frame_index).where(FrameChange.action_id == action_id)
    return {(masklet_id, frame_index) for masklet_id, frame_index in await session.execute(changed)}


async def protected_frames(session: AsyncSession, masklet_ids: Sequence[UUID]) -> set[tuple[UUID, int]]:
    """(masklet, frame) that no propagation may overwrite: a person prompted or drew there, or locked it."""
    found = (
        select(FrameState.masklet_id, FrameState.frame_index)
        .outerjoin(FrameMask, CURRENT_MASK)
        .where(FrameState.masklet_id.in_(masklet_ids), or_(FrameState.prompt_set_id.is_not(None), CONDITIONING))
    )
    return {(masklet_id, frame_index) for masklet_id, frame_index in await session.execute(found)}


async def locked_frames(session: AsyncSession, masklet_ids: Sequence[UUID]) -> dict[UUID, set[int]]:
    """By masklet, each of these."""
    found = select(FrameState.masklet_id, FrameState.frame_index).where(
        FrameState.masklet_id.in_(masklet_ids), FrameState.locked
    )
    locked: dict[UUID, set[int]] = {masklet_id: set() for masklet_id in masklet_ids}
    for masklet_id, frame_index in await session.execute(found):
        locked[masklet_id].add(frame_index)
    return locked


async def masklets_to_propagate(session: AsyncSession, masklet_ids: Sequence[UUID]) -> set[UUID]:
    """Of these masklets, the ones with a conditioning frame to propagate from."""
    found = (
        select(FrameState.masklet_id)
        .join(FrameMask, CURRENT_MASK)
        .where(FrameState.masklet_id.in_(masklet_ids), FrameMask.masklet_id.in_(masklet_ids), CONDITIONING)
    )
    return set(await session.scalars(found.distinct()))


@dataclass(frozen=True, slots=True)
class FramePointer:
    """A frame's current mask, and whether a person made it or locked it."""

    mask_id: UUID | None
    protected: bool


FramePointers = Mapping[tuple[UUID, int], FramePointer]
"""By (masklet, frame); a frame nothing ever happened on is not in it."""


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
