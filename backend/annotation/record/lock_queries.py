"""Queries for frame locks."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.tables import FrameState, LockChange


async def locked_within(session: AsyncSession, masklet_id: UUID, frames: range) -> set[int]:
    """A masklet's locked frames within a range of frames."""
    found = select(FrameState.frame_index).where(
        FrameState.masklet_id == masklet_id,
        FrameState.locked,
        FrameState.frame_index.between(frames.start, frames.stop - 1),
    )
    return set(await session.scalars(found))


async def set_locks(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows of `frame_states`; for frames that already have one, update `locked` and `seq`."""
    states = insert(FrameState)
    await session.execute(
        states.on_conflict_do_update(
            index_elements=[FrameState.masklet_id, FrameState.frame_index],
            set_={"locked": states.excluded.locked, "seq": states.excluded.seq},
        ),
        rows,
    )


async def remember_locks(
    session: AsyncSession, action_id: UUID, masklet_id: UUID, frames: Collection[int], locked: bool
) -> None:
    """Record what an action did to frame locks."""
    rows = [
        {"action_id": action_id, "masklet_id": masklet_id, "frame_index": frame, "locked": locked} for frame in frames
    ]
    await session.execute(insert(LockChange), rows)


async def num_changed_locks(session: AsyncSession, action_id: UUID) -> int:
    counted = select(func.count()).select_from(LockChange).where(LockChange.action_id == action_id)
    return await session.scalar(counted) or 0


async def turn_locks(session: AsyncSession, action_id: UUID, *, first_seq: int, back: bool) -> None:
    """Undo or redo what an action did to frame locks, in one statement."""
    rank = func.row_number().over(order_by=(LockChange.frame_index, LockChange.masklet_id))
    changed = (
        select(
            LockChange.masklet_id,
            LockChange.frame_index,
            (LockChange.locked != back).label("locked"),
            (rank + (first_seq - 1)).label("seq"),
        )
        .where(LockChange.action_id == action_id)
        .subquery()
    )
    await session.execute(
        update(FrameState)
        .where(FrameState.masklet_id == changed.c.masklet_id, FrameState.frame_index == changed.c.frame_index)
        .values(locked=changed.c.locked, seq=changed.c.seq),
        execution_options={"synchronize_session": False},
    )
