"""Undo and redo: all pointers that an action moved go back or forth together."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record import history_queries, lock_queries, masklet_queries, run_queries
from backend.annotation.record.problems import NotTheLatestAction
from backend.annotation.record.schemas import Changes
from backend.annotation.record.views import FramesPerSecond, read_changes
from backend.leases.fence import pass_fence
from backend.masklets.edit_rules import lock_video, mark_edited, mark_seen_differently, next_seq
from backend.masklets.headers import Author
from backend.masklets.line_queries import line_of
from backend.masklets.run_end import CHANGED, end_run, leave_runs
from backend.tables import Action, Video
from backend.tables.states import ActionKind, RunState


async def undo(
    session: AsyncSession, video_id: UUID, action_id: UUID, author: Author, *, pace: FramesPerSecond
) -> Changes:
    """Undo the latest action. Repeating the request is harmless.

    Raises:
        VideoNotFound: there is no such video.
        NotTheLatestAction: another action came after it.
        LeaseLost, LeaseHeld, MaskletLocked: the author may not write to the masklets at the moment.
    """
    video = await lock_video(session, video_id)
    before, line = video.seq, await line_of(session, video_id, author.actor_id)
    undoable, redoable = await history_queries.ends_of_history(session, video_id, line)
    if _id(undoable) == action_id:
        await _turn(session, video, action_id, author, undone=True)
    elif _id(redoable) != action_id:
        raise NotTheLatestAction("Another action came after it; undo that one first.")
    await session.flush()
    return await read_changes(session, video_id, after=before, pace=pace, line=line)


async def redo(
    session: AsyncSession, video_id: UUID, action_id: UUID, author: Author, *, pace: FramesPerSecond
) -> Changes:
    """Redo the earliest undone action. Repeating the request is harmless.

    Raises:
        VideoNotFound: there is no such video.
        NotTheLatestAction: it is not the next action to redo.
        LeaseLost, LeaseHeld, MaskletLocked: the author may not write to the masklets at the moment.
    """
    video = await lock_video(session, video_id)
    before, line = video.seq, await line_of(session, video_id, author.actor_id)
    undoable, redoable = await history_queries.ends_of_history(session, video_id, line)
    if _id(redoable) == action_id:
        await _turn(session, video, action_id, author, undone=False)
    elif _id(undoable) != action_id:
        raise NotTheLatestAction("Something else was done meanwhile.")
    await session.flush()
    return await read_changes(session, video_id, after=before, pace=pace, line=line)


async def _turn(session: AsyncSession, video: Video, action_id: UUID, author: Author, *, undone: bool) -> None:
    """Undo or redo an action. Its masklets leave their propagations first, which build on the state that changes."""
    action = await history_queries.action(session, action_id)
    assert action is not None
    run = await run_queries.run_of_action(session, action_id)
    masklet_ids = run.masklet_ids if run is not None else [action.masklet_id] if action.masklet_id else []
    masklets = await masklet_queries.masklets(session, masklet_ids)
    await pass_fence(session, video.id, masklets, actor_id=author.actor_id, lease=author.lease)
    if run is not None and run.state in (RunState.queued, RunState.running):
        await end_run(session, video, run, RunState.cancelled)
        await session.flush()
    await leave_runs(session, video, masklet_ids, CHANGED)
    await session.flush()
    if action.abandoned:
        return  # a propagation that had not changed anything; stopping it was enough
    action.undone = undone
    num_frames = await history_queries.num_changed_frames(session, action_id)
    first_seq = next_seq(session, video, num_frames)
    await session.flush()
    await history_queries.move_all_pointers(session, action_id, first_seq=first_seq, back=undone)
    await _turn_locks(session, video, action_id, undone=undone)
    for masklet in masklets:
        if action.kind is ActionKind.create_masklet:
            masklet.deleted = undone
        elif action.kind is ActionKind.delete_masklet:
            masklet.deleted = not undone
        if action.kind is ActionKind.lock_frames:
            mark_seen_differently(session, video, masklet)
        else:
            mark_edited(session, video, masklet)


async def _turn_locks(session: AsyncSession, video: Video, action_id: UUID, *, undone: bool) -> None:
    num_frames = await lock_queries.num_changed_locks(session, action_id)
    first_seq = next_seq(session, video, num_frames)
    await session.flush()
    await lock_queries.turn_locks(session, action_id, first_seq=first_seq, back=undone)


def _id(action: Action | None) -> UUID | None:
    return None if action is None else action.id
