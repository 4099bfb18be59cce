"""Queries for compaction: what is settled for long enough, what has to be kept, and what nothing refers to."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, exists, func, or_, select, tuple_, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.annotation.record.tally_queries import TALLIED, TALLY_COLUMNS, with_inputs
from backend.tables import (
    Action,
    FrameChange,
    FrameMask,
    FrameState,
    LockChange,
    Masklet,
    PromptSet,
    Run,
    StudyArm,
    Verdict,
)
from backend.tables.states import CHANGES_NO_MASK, ActionKind, RunState, VerdictKind

_KEPT = (*TALLIED, ActionKind.clear_frame)
"""The actions whose frame changes stay, without their pointers: figures count them, and a clearing ends prompts."""


async def settled_masklets(
    session: AsyncSession, *, undo_kept: timedelta, after: UUID | None = None, only: UUID | None = None, limit: int = 1
) -> Sequence[Masklet]:
    """Masklets to compact, by id: accepted or deleted, and untouched, for as long as undo is kept.

    Those that a study holds on to stay as they are, even if they were deleted.
    """
    since = func.now() - undo_kept
    carried = exists().where(Run.action_id == Action.id, _carries()).correlate(Action, Masklet)
    touched = exists().where(
        Action.video_id == Masklet.video_id,
        or_(Action.masklet_id == Masklet.id, carried),
        or_(Masklet.deleted, Action.kind.not_in(CHANGES_NO_MASK)),
        _turned() > since,
    )
    waiting = exists().where(
        Action.masklet_id == Masklet.id, Action.kind == ActionKind.prompt, ~Action.complete, ~Action.undone
    )
    running = exists().where(
        Run.video_id == Masklet.video_id, Run.state.in_([RunState.queued, RunState.running]), _carries()
    )
    accepted = exists().where(
        Verdict.masklet_id == Masklet.id, ~Verdict.withdrawn, Verdict.verdict == VerdictKind.satisfactory
    )
    just_accepted = exists().where(Verdict.masklet_id == Masklet.id, ~Verdict.withdrawn, Verdict.created_at > since)
    studied = exists().where(or_(StudyArm.masklet_id == Masklet.id, StudyArm.selected_id == Masklet.id))
    settled = or_(
        and_(~Masklet.deleted, Masklet.verdict == VerdictKind.satisfactory, accepted, ~just_accepted),
        and_(Masklet.deleted, Masklet.created_at <= since, ~studied),
    )
    found = select(Masklet).where(
        settled, Masklet.version.is_distinct_from(Masklet.compacted_version), ~touched, ~waiting, ~running
    )
    if after is not None:
        found = found.where(Masklet.id > after)
    if only is not None:
        found = found.where(Masklet.id == only)
    return (
        await session.scalars(found.order_by(Masklet.id).limit(limit).execution_options(populate_existing=True))
    ).all()


def _turned() -> Any:
    """When an action was done, undone or redone last."""
    return func.coalesce(Action.turned_at, Action.created_at)


def _carries() -> Any:
    return Masklet.id == func.any(Run.masklet_ids)


def _concerns(masklet: Masklet) -> Any:
    carried = select(Run.action_id).where(Run.video_id == masklet.video_id, Run.masklet_ids.contains([masklet.id]))
    return and_(Action.video_id == masklet.video_id, or_(Action.masklet_id == masklet.id, Action.id.in_(carried)))


async def end_redo(session: AsyncSession, masklet: Masklet) -> None:
    """Abandon what could still be redone of a masklet, and what its people undid before that, which builds on it."""
    mine, earlier = aliased(Action), and_(Action.undone, ~Action.abandoned, _concerns(masklet))
    first = (
        select(Action.actor_id, func.min(Action.order).label("order"))
        .where(earlier)
        .group_by(Action.actor_id)
        .subquery()
    )
    built_on = (
        select(mine.id)
        .join(first, first.c.actor_id == mine.actor_id)
        .where(mine.video_id == masklet.video_id, mine.undone, ~mine.abandoned, mine.order >= first.c.order)
        .where(mine.participant_id.is_not_distinct_from(masklet.participant_id))
    )
    await _write(session, update(Action).where(Action.id.in_(built_on)).values(abandoned=True))


async def compact_actions(session: AsyncSession, masklet: Masklet, *, undo_kept: timedelta) -> int:
    """Let undo stop at all actions on a masklet that are older than undo is kept. Returns the order of the last one."""
    older = and_(_concerns(masklet), _turned() <= func.now() - undo_kept)
    await _write(session, update(Action).where(older, ~Action.compacted).values(compacted=True))
    return await session.scalar(select(func.max(Action.order)).where(older)) or 0


async def compact_abandoned(session: AsyncSession, *, undo_kept: timedelta, limit: int) -> int:
    """Mark undone actions that nobody can redo, and the masklets whose frames they changed. Returns their number."""
    older = and_(Action.abandoned, ~Action.compacted, _turned() <= func.now() - undo_kept)
    chosen = select(Action.id).where(older).limit(limit)
    marked = await session.scalars(
        update(Action).where(Action.id.in_(chosen)).values(compacted=True).returning(Action.id),
        execution_options={"synchronize_session": False},
    )
    ids = marked.all()
    changed = union_all(*(select(each.masklet_id).where(each.action_id.in_(ids)) for each in (FrameChange, LockChange)))
    await _write(session, update(Masklet).where(Masklet.id.in_(changed)).values(compacting=True))
    return len(ids)


async def compacting_masklet(session: AsyncSession) -> Masklet | None:
    """A masklet of which something is still to be deleted."""
    return (await session.scalars(select(Masklet).where(Masklet.compacting).order_by(Masklet.id).limit(1))).first()


async def untallied_changes(session: AsyncSession, masklet_id: UUID, *, limit: int) -> Sequence[Any]:
    """Frame changes of compacted actions that still have their pointers, with their `TALLY_COLUMNS`."""
    found = with_inputs(
        select(FrameChange.action_id, FrameChange.frame_index, FrameChange.before_mask_id, *TALLY_COLUMNS)
    )
    of_masklet = FrameChange.masklet_id == masklet_id
    found = found.where(of_masklet, Action.compacted, FrameChange.new_clicks.is_(None), Action.kind.in_(_KEPT))
    return (await session.execute(found.limit(limit))).all()


async def drop_bases(session: AsyncSession, masklet_id: UUID, *, needed: set[UUID]) -> None:
    """Take from frame changes the masks that prompts refined, except those that present prompts still do."""
    unneeded = and_(FrameChange.masklet_id == masklet_id, FrameChange.new_clicks.is_not(None))
    unneeded &= and_(FrameChange.before_mask_id.is_not(None), FrameChange.before_mask_id.not_in(needed))
    await _write(session, update(FrameChange).where(unneeded).values(before_mask_id=None))


async def store_tallies(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Take the pointers from frame changes, and leave their tallies. The rows have whole primary keys."""
    await session.execute(update(FrameChange), rows)


async def delete_changes(session: AsyncSession, masklet_id: UUID, *, limit: int) -> int:
    """Delete frame changes of compacted actions that no figure counts, as those of propagations. Returns the number."""
    key = tuple_(FrameChange.action_id, FrameChange.masklet_id, FrameChange.frame_index)
    idle = (
        select(FrameChange.action_id, FrameChange.masklet_id, FrameChange.frame_index)
        .join(Action, Action.id == FrameChange.action_id)
        .join(Masklet, Masklet.id == FrameChange.masklet_id)
        .where(FrameChange.masklet_id == masklet_id, Action.compacted, Action.kind.not_in(_KEPT))
        .where(or_(Action.abandoned, Action.order <= Masklet.compacted_order))  # a run has others' changes, too
    )
    return await _write(session, delete(FrameChange).where(key.in_(idle.limit(limit))))


async def delete_lock_changes(session: AsyncSession, masklet_id: UUID) -> None:
    compacted = select(Action.id).join(LockChange, LockChange.action_id == Action.id).where(Action.compacted)
    compacted = compacted.where(LockChange.masklet_id == masklet_id)
    idle = delete(LockChange).where(LockChange.masklet_id == masklet_id, LockChange.action_id.in_(compacted))
    await _write(session, idle)


async def delete_states(session: AsyncSession, masklet_id: UUID, *, limit: int) -> int:
    """Delete all that a deleted masklet had on its frames. Returns the number of rows."""
    gone = exists().where(Masklet.id == masklet_id, Masklet.deleted, Masklet.version == Masklet.compacted_version)
    total = 0
    for table, key in (
        (FrameState, FrameState.frame_index),
        (FrameChange, FrameChange.frame_index),
        (LockChange, LockChange.frame_index),
    ):
        some = select(key).where(table.masklet_id == masklet_id).order_by(key).limit(limit)
        total += await _write(session, delete(table).where(table.masklet_id == masklet_id, key.in_(some), gone))
    return total


async def delete_masks(session: AsyncSession, masklet_id: UUID, *, limit: int) -> int:
    """Delete masks that neither a frame nor a change of one points at. Returns their number."""
    used = union_all(
        select(FrameState.mask_id.label("id")).where(FrameState.masklet_id == masklet_id),
        select(FrameChange.before_mask_id).where(FrameChange.masklet_id == masklet_id),
        select(FrameChange.after_mask_id).where(FrameChange.masklet_id == masklet_id),
    ).cte("used")
    mine = FrameMask.masklet_id == masklet_id
    unused = select(FrameMask.id).where(mine, ~exists().where(used.c.id == FrameMask.id)).limit(limit)
    return await _write(session, delete(FrameMask).where(mine, FrameMask.id.in_(unused)))


async def delete_prompt_sets(session: AsyncSession, masklet_id: UUID, *, limit: int) -> int:
    """Delete prompt sets that neither a frame nor a change of one points at. Returns their number."""
    used = union_all(
        select(FrameState.prompt_set_id.label("id")).where(FrameState.masklet_id == masklet_id),
        select(FrameChange.before_prompts_id).where(FrameChange.masklet_id == masklet_id),
        select(FrameChange.after_prompts_id).where(FrameChange.masklet_id == masklet_id),
    ).cte("used")
    unused = select(PromptSet.id).where(PromptSet.masklet_id == masklet_id, ~exists().where(used.c.id == PromptSet.id))
    return await _write(session, delete(PromptSet).where(PromptSet.id.in_(unused.limit(limit))))


async def end_compaction(session: AsyncSession, masklet_id: UUID) -> None:
    await _write(session, update(Masklet).where(Masklet.id == masklet_id).values(compacting=False))


async def _write(session: AsyncSession, statement: Any) -> int:
    """Execute a statement that changes rows. Returns their number."""
    done: Any = await session.execute(statement, execution_options={"synchronize_session": False})
    return done.rowcount
