"""Compact superseded masks: what undo and redo of accepted or deleted masklets could reach is deleted after a time.

Present masks, versions and figures stay as they are. A frame's superseded masks and prompt sets go, as do the frame
changes that led to them. Of a person's inputs the tallies stay, and of the masks those that present prompts refine:
from them the model server restores an object. Transactions are short, and the work is taken up again where it ended.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.compaction import queries
from backend.annotation.record import history_queries
from backend.annotation.record.tally_queries import tally_of
from backend.db.engine import Sessions
from backend.masklets.edit_rules import lock_video
from backend.tables import Masklet
from backend.tables.states import ActionKind
from backend.videos.problems import VideoNotFound

_log = structlog.get_logger()
_BATCH = 500  # rows that one transaction deletes


async def compact(sessions: Sessions, *, undo_days: float) -> int:
    """Compact all that is accepted, deleted or can no longer be redone since `undo_days` (0: nothing, ever).

    Returns the number of masks deleted.
    """
    if not undo_days:
        return 0
    undo_kept = timedelta(days=undo_days)
    await _mark_settled(sessions, undo_kept)
    marked = _BATCH
    while marked == _BATCH:
        async with sessions.begin() as session:
            marked = await queries.compact_abandoned(session, undo_kept=undo_kept, limit=_BATCH)
    total = 0
    while True:
        async with sessions.begin() as session:
            masklet = await queries.compacting_masklet(session)
        if masklet is None:
            break
        total += await _clear(sessions, masklet)
    if total:
        _log.info("history.compacted", masks=total)
    return total


async def _mark_settled(sessions: Sessions, undo_kept: timedelta) -> None:
    after: UUID | None = None
    while True:
        async with sessions.begin() as session:
            found = await queries.settled_masklets(session, undo_kept=undo_kept, after=after, limit=_BATCH)
        for masklet in found:
            await _mark(sessions, masklet, undo_kept)
        if len(found) < _BATCH:
            return
        after = found[-1].id


async def _mark(sessions: Sessions, seen: Masklet, undo_kept: timedelta) -> None:
    """Let undo and redo stop, under the video's lock, unless somebody has just edited the masklet after all."""
    try:
        async with sessions.begin() as session:
            await lock_video(session, seen.video_id)
            for masklet in await queries.settled_masklets(session, undo_kept=undo_kept, only=seen.id):
                await queries.end_redo(session, masklet)
                masklet.compacted_order = await queries.compact_actions(session, masklet, undo_kept=undo_kept)
                masklet.compacted_version, masklet.compacting = masklet.version, True
    except VideoNotFound:
        return


async def _clear(sessions: Sessions, masklet: Masklet) -> int:
    """Delete what nothing needs of a masklet. Returns the number of masks deleted."""
    async with sessions.begin() as session:
        refined = await history_queries.refined_by_prompts(session, masklet.id, before=None, compacted=True)
        bases = {mask_id for mask_id in refined.values() if mask_id is not None}
        await queries.drop_bases(session, masklet.id, needed=bases)
    while await _in_transaction(sessions, lambda session: _tally(session, masklet.id, bases)):
        pass
    for step in (queries.delete_changes, queries.delete_states, queries.delete_prompt_sets):
        while await _in_transaction(sessions, lambda session, step=step: step(session, masklet.id, limit=_BATCH)):
            pass
    total = 0
    while number := await _in_transaction(sessions, lambda s: queries.delete_masks(s, masklet.id, limit=_BATCH)):
        total += number
    async with sessions.begin() as session:
        await queries.delete_lock_changes(session, masklet.id)
        await queries.end_compaction(session, masklet.id)
    return total


async def _in_transaction(sessions: Sessions, step: Callable[[AsyncSession], Awaitable[int]]) -> int:
    async with sessions.begin() as session:
        return await step(session)


async def _tally(session: AsyncSession, masklet_id: UUID, bases: Collection[UUID]) -> int:
    """Replace pointers of frame changes by tallies, except to the masks that present prompts refine."""
    changes = await queries.untallied_changes(session, masklet_id, limit=_BATCH)
    rows = [{"masklet_id": masklet_id, **_tallied(bases, *change)} for change in changes]
    if rows:
        await queries.store_tallies(session, rows)
    return len(rows)


def _tallied(
    bases: Collection[UUID], action_id: UUID, frame_index: int, before: UUID | None, *columns: Any
) -> dict[str, Any]:
    is_base = columns[0] is ActionKind.prompt and before in bases
    return {
        "action_id": action_id,
        "frame_index": frame_index,
        "before_mask_id": before if is_base else None,
        "after_mask_id": None,
        "before_prompts_id": None,
        "after_prompts_id": None,
        **asdict(tally_of(*columns)),
    }
