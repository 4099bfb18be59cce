"""Store a run's masks as they arrive, in short transactions, and its outcome."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.propagation.claims import Claim, lock_claimed, remainder
from backend.annotation.propagation.frame_range import visited
from backend.annotation.record import history_queries, masklet_queries, run_queries
from backend.annotation.record.pointers import move_to_masks
from backend.annotation.record.revisions import ModelMask, model_mask_values
from backend.masklets.edit_rules import next_seq
from backend.masklets.run_end import end_run
from backend.model_client.problems import ModelFailed
from backend.tables.states import MaskSource, RunState


async def store_masks(
    session: AsyncSession, claim: Claim, made: Sequence[ModelMask], *, frames_per_second: float | None = None
) -> Sequence[UUID]:
    """Store new masks and renew the claim. Returns the masklets that the run still carries.

    Frames that have been prompted, drawn or locked since the run began, or that lie behind a locked one, stay as they
    are.

    Raises:
        RunOver: the claim is no longer valid.
    """
    video, run = await lock_claimed(session, claim)
    run.driven_until = run_queries.CLAIM_END
    carried = run.carried_ids
    made = [mask for mask in made if UUID(mask.result.object_id) in carried]
    if not made:
        return carried
    action = await history_queries.action(session, run.action_id)
    assert action is not None
    masklets = {masklet.id: masklet for masklet in await masklet_queries.masklets(session, carried)}
    keyed = {(UUID(mask.result.object_id), mask.result.frame_index): mask for mask in made}
    before = await run_queries.frame_pointers(session, list(keyed))
    within = visited(run, await run_queries.locked_frames(session, carried))
    free = {key for key in keyed if key in within and not (key in before and before[key].protected)}
    masks = [
        model_mask_values(action, masklets[masklet_id], mask, MaskSource.propagated, run_id=run.id)
        for (masklet_id, frame_index), mask in keyed.items()
        if (masklet_id, frame_index) in free
    ]
    if masks:
        await move_to_masks(session, video, action, masks, before)
    run.done = min(run.total, run.done + len(keyed))
    run.frames_per_second = frames_per_second
    run.model_version = made[-1].result.model_version
    run.seq = next_seq(session, video)
    return carried


async def finish_run(session: AsyncSession, claim: Claim) -> None:
    """End a run whose frames are all stored.

    Raises:
        RunOver: the claim is no longer valid.
        ModelFailed: frames are missing.
    """
    rest = await remainder(session, claim)
    if rest.left:
        raise ModelFailed(f"The model ended the propagation {len(rest.left)} masks early.")
    await end_run(session, rest.video, rest.run, RunState.done)


async def fail_run(session: AsyncSession, claim: Claim, problem: dict[str, object]) -> None:
    """End a run that cannot continue. Its stored masks stay, and it can be undone.

    Raises:
        RunOver: the claim is no longer valid.
    """
    video, run = await lock_claimed(session, claim)
    run.problem = problem
    await end_run(session, video, run, RunState.failed)
