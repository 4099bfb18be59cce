"""Masks drawn by hand, and cleared frames. Neither waits for the model, which learns of them with its next request."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record import frame_queries
from backend.annotation.record.masks import CheckedMask, checked_mask, empty_mask
from backend.annotation.record.pointers import move_pointers, record_edit, state_of
from backend.annotation.record.revisions import add_mask, mask_values
from backend.annotation.record.schemas import EditRead, MaskWrite
from backend.annotation.record.video_bounds import check_frame, frame_size
from backend.annotation.record.views import read_edit
from backend.masklets.edit_rules import Request, take_turn
from backend.masklets.headers import Editor
from backend.phases.rules import Tool, allows, require_tool
from backend.tables import FrameState, Masklet, Video
from backend.tables.states import ActionKind, MaskSource


async def draw_mask(
    session: AsyncSession, masklet_id: UUID, frame_index: int, body: MaskWrite, editor: Editor
) -> EditRead:
    """Replace the frame's mask with one drawn by hand. The frame's prompts stay on record."""
    request = Request(ActionKind.edit_mask, masklet_id, body.model_dump(mode="json"), frame_index)
    turn = await take_turn(session, masklet_id, editor, request)
    if turn.earlier is None:
        check_frame(turn.video, frame_index)
        state = await state_of(session, turn.video, masklet_id, frame_index)
        await _check_phase(session, turn.masklet, state, body)
        mask = _drawn(turn.video, body)
        action, seq = await record_edit(session, turn, editor, request)
        source = MaskSource.edited if mask.area else MaskSource.absent
        mask_id = await add_mask(session, mask_values(action, turn.masklet, frame_index, mask, source))
        move_pointers(session, action, state, seq, mask_id=mask_id, prompts_id=state.prompt_set_id)
    await session.flush()
    return await read_edit(session, masklet_id, frame_index, editor.action_id)


async def clear_frame(session: AsyncSession, masklet_id: UUID, frame_index: int, editor: Editor) -> EditRead:
    """Remove the frame's prompts and mask, which makes it unknown again. Clearing an unknown frame is not an action."""
    request = Request(ActionKind.clear_frame, masklet_id, {}, frame_index)
    turn = await take_turn(session, masklet_id, editor, request)
    if turn.earlier is None:
        check_frame(turn.video, frame_index)
        state = await state_of(session, turn.video, masklet_id, frame_index)
        if (state.mask_id, state.prompt_set_id) != (None, None):
            action, seq = await record_edit(session, turn, editor, request)
            move_pointers(session, action, state, seq, mask_id=None, prompts_id=None)
    await session.flush()
    return await read_edit(session, masklet_id, frame_index, editor.action_id)


def _drawn(video: Video, body: MaskWrite) -> CheckedMask:
    height, width = frame_size(video)
    if body.tool == "absent":
        return empty_mask(height=height, width=width)
    return checked_mask(body.mask, height=height, width=width)


async def _check_phase(session: AsyncSession, masklet: Masklet, state: FrameState, body: MaskWrite) -> None:
    """Check that the phase has the tool. Erasing from a propagated mask needs a phase that refines."""
    if body.tool == "absent":
        return
    require_tool(masklet.phase, Tool(body.tool))
    if body.tool == "eraser" and not allows(masklet.phase, Tool.refine):
        source = await frame_queries.mask_source(session, masklet.id, state.mask_id)
        if source is MaskSource.propagated:
            require_tool(masklet.phase, Tool.refine)
