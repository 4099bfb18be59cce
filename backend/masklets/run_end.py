"""Stop propagations. The row is the order to stop: the run's driver reads it before the next mask."""

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.masklets import queries
from backend.masklets.edit_rules import next_seq, raise_version
from backend.masklets.work import take_edit_back
from backend.masklets.work_queries import work_changes
from backend.tables import Run, Video
from backend.tables.states import RunState

CHANGED = {"slug": "changed-meanwhile", "detail": "Something of it was undone or redone meanwhile. Propagate it again."}
DELETED = {"slug": "masklet-not-found", "detail": "It was deleted meanwhile."}


async def leave_runs(session: AsyncSession, video: Video, masklet_ids: Collection[UUID], why: dict[str, str]) -> None:
    """Take these masklets of a locked video out of its propagations, which carry the others on.

    `why` is the problem that the run shows for each of them. A run with nothing left to carry is cancelled.
    """
    for run in await queries.active_runs(session, video.id):
        leaving = {str(masklet_id) for masklet_id in run.carried_ids if masklet_id in masklet_ids}
        if leaving and len(leaving) == len(run.carried_ids):
            await end_run(session, video, run, RunState.cancelled)
        elif leaving:
            run.left_out = run.left_out | {masklet_id: why | {"reached": run.done} for masklet_id in leaving}
            run.seq = next_seq(session, video)


async def end_run(session: AsyncSession, video: Video, run: Run, state: RunState) -> None:
    """End a run of a locked video. A run that changed nothing leaves no step to undo."""
    run.state = state
    run.finished_at = datetime.now(UTC)
    run.seq = next_seq(session, video)
    action = await queries.action(session, run.action_id)
    assert action is not None
    action.complete = True
    if not await queries.changed_frames(session, action.id):
        action.undone = action.abandoned = True
        for masklet_id, change in (await work_changes(session, action.id)).items():
            masklet = await queries.masklet(session, masklet_id)
            if masklet is not None and masklet.sealed_order < action.order:  # nobody has judged it since
                await take_edit_back(session, masklet, change)
                raise_version(session, video, masklet)
