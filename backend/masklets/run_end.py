"""Stop propagations. The row is the order to stop: the run's driver reads it before the next mask."""

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.masklets import queries
from backend.masklets.edit_rules import next_seq
from backend.tables import Run, Video
from backend.tables.states import RunState


async def stop_runs(session: AsyncSession, video: Video, masklet_ids: Collection[UUID]) -> None:
    """Cancel all propagations of these masklets of a locked video."""
    for run in await queries.active_runs(session, video.id):
        if not set(run.masklet_ids).isdisjoint(masklet_ids):
            await end_run(session, video, run, RunState.cancelled)


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
