"""Store a prompt set before the model is asked, and its mask when it arrives."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.prompts.checks import check_prompts
from backend.annotation.record import frame_queries, history_queries
from backend.annotation.record.masks import measured
from backend.annotation.record.pointers import move_pointers, record_edit, state_in
from backend.annotation.record.revisions import ModelMask, add_mask, model_mask_values
from backend.annotation.record.schemas import EditRead, PromptSetWrite
from backend.annotation.record.video_bounds import frame_size
from backend.annotation.record.views import read_frame
from backend.masklets.edit_rules import Request, next_seq, take_turn
from backend.masklets.headers import Editor
from backend.masklets.problems import MaskletNotFound
from backend.masklets.service import masklet_read
from backend.tables import Action, PromptSet
from backend.tables.states import ActionKind, MaskSource
from model_server.contract.masks import MaskResult


async def store_prompts(
    session: AsyncSession, masklet_id: UUID, frame_index: int, body: PromptSetWrite, editor: Editor
) -> Action:
    """Store a prompt set, still without a mask. Returns its action; for a repeated request, the earlier one."""
    given = body.model_dump(mode="json")
    request = Request(ActionKind.prompt, masklet_id, given, frame_index, elsewhere=given.keys())
    turn = await take_turn(session, masklet_id, editor, request)
    if turn.earlier is not None:
        return turn.earlier
    check_prompts(turn.video, turn.masklet.phase, frame_index, body)
    state = state_in(turn, frame_index)
    action, seq = await record_edit(session, turn, editor, request)
    prompts = PromptSet(masklet_id=masklet_id, frame_index=frame_index, **request.body, action_id=action.id)
    session.add(prompts)
    await session.flush()
    move_pointers(session, action, state, seq, mask_id=state.mask_id, prompts_id=prompts.id)
    return action


async def store_mask(session: AsyncSession, asked: Action, result: MaskResult) -> EditRead | None:
    """Store a prompt's mask. Returns None if a later action has changed the frame, or another backend was faster.

    Raises:
        MaskletNotFound: the masklet was deleted with its video.
    """
    locked = await history_queries.lock_action(session, asked.id)
    if locked is None:
        raise MaskletNotFound("The masklet was deleted with its video.")
    video, masklet, action = locked
    if action.complete:
        return None  # another process stored it
    height, width = frame_size(video)
    mask = measured(result.mask.counts.encode("ascii"), height=height, width=width)
    values = model_mask_values(action, masklet, ModelMask(mask, result), MaskSource.prompted)
    mask_id = await add_mask(session, values)
    action.complete = True
    (own, in_force), *later = await history_queries.changes_from(session, action, masklet.id, result.frame_index)
    own.after_mask_id = mask_id
    for change, _in_force in later:
        change.before_mask_id = mask_id
    if not in_force or any(later_in_force for _change, later_in_force in later):
        return None
    state = await frame_queries.frame_state(session, masklet.id, result.frame_index)
    assert state is not None
    state.mask_id = mask_id
    state.seq = next_seq(session, video)
    masklet.seq = next_seq(session, video)
    frame = await read_frame(session, video, masklet.id, result.frame_index)
    return EditRead(frame=frame, masklet=masklet_read(masklet, result.model_version), action_id=action.id)


async def note_failure(session: AsyncSession, asked: Action, problem: dict[str, Any], *, most: int) -> None:
    """Count a failure of the model at a prompt. After `most` of them, the prompt is set aside."""
    prompts = await history_queries.prompt_set_of(session, asked.id)
    if prompts is not None:
        prompts.failures += 1
        if prompts.failures >= most:
            await set_aside(session, asked, problem)


async def set_aside(session: AsyncSession, asked: Action, problem: dict[str, Any]) -> None:
    """Leave a prompt without a mask: the model is not asked again, and the frame shows why."""
    locked = await history_queries.lock_action(session, asked.id)
    prompts = await history_queries.prompt_set_of(session, asked.id)
    if locked is None or prompts is None:
        return  # deleted with its video
    video, masklet, action = locked
    action.complete = True
    advice = "Change the prompt, and it is asked again."
    prompts.problem = problem | {"detail": f"{str(problem['detail']).rstrip('.')}. {advice}"}
    state = await frame_queries.frame_state(session, masklet.id, prompts.frame_index)
    if state is not None and state.prompt_set_id == prompts.id:
        state.seq = next_seq(session, video)
        masklet.seq = next_seq(session, video)
