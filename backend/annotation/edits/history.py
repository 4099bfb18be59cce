"""Undo and redo of one's own actions: all pointers that an action moved go back or forth together."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.edits.descriptions import turn_description
from backend.annotation.record import history_queries, lock_queries, masklet_queries, run_queries
from backend.annotation.record.problems import NotTheLatestAction
from backend.annotation.record.schemas import Changes
from backend.annotation.record.undo_limits import LineViewer, limit_of, next_steps
from backend.annotation.record.views import FramesPerSecond, read_changes
from backend.leases.fence import pass_fence
from backend.masklets.edit_rules import lock_video, next_seq, raise_version
from backend.masklets.headers import Author
from backend.masklets.line_queries import line_of
from backend.masklets.run_end import CHANGED, end_run, leave_runs
from backend.masklets.work import drop_idle_task, note_edit, take_edit_back
from backend.masklets.work_queries import work_changes
from backend.tables import Action, Masklet, Task, Video
from backend.tables.states import CHANGES_NO_MASK, ActionKind, RunState


async def undo(
    session: AsyncSession, video_id: UUID, action_id: UUID, author: Author, *, pace: FramesPerSecond
) -> Changes:
    """Undo an action of the author's, the latest on its masklets. Repeating the request is harmless.

    Raises:
        VideoNotFound: there is no such video.
        NotTheLatestAction: it is not the author's, or something came after it: a step of theirs on the same masklets,
            a submission, a verdict, or another person's change of the same frames.
        LeaseLost, LeaseHeld, MaskletLocked: the author may not write to the masklets at the moment.
    """
    video = await lock_video(session, video_id)
    before, viewer = video.seq, LineViewer(author.actor_id, await line_of(session, video_id, author.actor_id))
    action = await history_queries.step(session, video_id, action_id, viewer.line)
    if action is None:
        raise NotTheLatestAction("There is no such step in the video's history.")
    if action.actor_id != viewer.user_id:
        raise NotTheLatestAction("Somebody else did it; only they can undo it.")
    if not action.undone:
        await _turn(session, video, action, author, undone=True)
    await session.flush()
    return await read_changes(session, video_id, after=before, pace=pace, viewer=viewer)


async def redo(
    session: AsyncSession, video_id: UUID, action_id: UUID, author: Author, *, pace: FramesPerSecond
) -> Changes:
    """Redo the earliest action that the author undid. Repeating the request is harmless.

    Raises:
        VideoNotFound: there is no such video.
        NotTheLatestAction: it is not the author's next action to redo, or something came after it.
        LeaseLost, LeaseHeld, MaskletLocked: the author may not write to the masklets at the moment.
    """
    video = await lock_video(session, video_id)
    before, viewer = video.seq, LineViewer(author.actor_id, await line_of(session, video_id, author.actor_id))
    undoable, redoable = await next_steps(session, video_id, viewer)
    if redoable is not None and redoable.action.id == action_id:
        await _turn(session, video, redoable.action, author, undone=False)
    elif undoable is None or undoable.action.id != action_id:
        raise NotTheLatestAction("Something else was done meanwhile.")
    await session.flush()
    return await read_changes(session, video_id, after=before, pace=pace, viewer=viewer)


async def _turn(session: AsyncSession, video: Video, action: Action, author: Author, *, undone: bool) -> None:
    """Undo or redo an action. Its masklets leave their propagations first, which build on the state that changes."""
    run = await run_queries.run_of_action(session, action.id)
    masklet_ids = run.masklet_ids if run is not None else [action.masklet_id] if action.masklet_id else []
    masklets = await masklet_queries.masklets(session, masklet_ids)
    task = await pass_fence(session, video.id, masklets, actor_id=author.actor_id, lease=author.lease)
    limit = await limit_of(session, action)
    if limit is not None:
        raise NotTheLatestAction(limit)
    if run is not None and run.state in (RunState.queued, RunState.running):
        await end_run(session, video, run, RunState.cancelled)
        await session.flush()
    if action.kind is not ActionKind.describe:
        await leave_runs(session, video, masklet_ids, CHANGED)
    await session.flush()
    if action.abandoned:
        return  # a propagation that had not changed anything; stopping it was enough
    action.undone, action.turned_at = undone, func.now()
    num_frames = await history_queries.num_changed_frames(session, action.id)
    first_seq = next_seq(session, video, num_frames)
    await session.flush()
    await history_queries.move_all_pointers(session, action.id, first_seq=first_seq, back=undone)
    await _turn_locks(session, video, action.id, undone=undone)
    for masklet in masklets:
        if action.kind is ActionKind.create_masklet:
            masklet.deleted = undone
        elif action.kind is ActionKind.delete_masklet:
            masklet.deleted = not undone
        elif action.kind is ActionKind.describe:
            await turn_description(session, action.id, masklet, undone=undone)
        raise_version(session, video, masklet)
    if action.kind not in CHANGES_NO_MASK:
        await _turn_work(session, action, masklets, task, undone=undone)
        await drop_idle_task(session, video.id)


async def _turn_work(
    session: AsyncSession, action: Action, masklets: Sequence[Masklet], task: Task | None, *, undone: bool
) -> None:
    """Bring back the verdicts that the action voided, or void them again."""
    changes = await work_changes(session, action.id)
    for masklet in masklets:
        if undone:
            await take_edit_back(session, masklet, changes.get(masklet.id))
        elif action.kind is ActionKind.delete_masklet or masklet.id not in changes:
            await take_edit_back(session, masklet, None)
        else:
            await session.delete(changes[masklet.id])
            await session.flush()
            await note_edit(session, masklet, action, task)


async def _turn_locks(session: AsyncSession, video: Video, action_id: UUID, *, undone: bool) -> None:
    num_frames = await lock_queries.num_changed_locks(session, action_id)
    first_seq = next_seq(session, video, num_frames)
    await session.flush()
    await lock_queries.turn_locks(session, action_id, first_seq=first_seq, back=undone)
