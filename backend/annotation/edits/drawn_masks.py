"""Masks drawn by hand, and cleared frames. Neither waits for the model, which learns of them with its next request."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record import frame_queries
from backend.annotation.record.masks import CheckedMask, checked_mask, empty_mask
from backend.annotation.record.pointers import enter_edit, state_in
from backend.annotation.record.revisions import mask_values
from backend.annotation.record.schemas import EditRead, MaskWrite
from backend.annotation.record.video_bounds import check_frame, frame_size
from backend.annotation.record.views import edit_read, read_edit
from backend.masklets.edit_rules import Request, new_action, take_turn
from backend.masklets.headers import Editor
from backend.phases.rules import Tool, allows, require_tool
from backend.tables import FrameState, Masklet, Video
from backend.tables.states import ActionKind, MaskSource


async def draw_mask(
    session: AsyncSession, masklet_id: UUID, frame_index: int, body: MaskWrite, editor: Editor
) -> EditRead:
    """Replace the frame's mask with one drawn by hand. The frame's prompts stay on record."""
    given = body.model_dump(mode="json")
    request = Request(ActionKind.edit_mask, masklet_id, given, frame_index, elsewhere=["mask"])
    turn = await take_turn(session, masklet_id, editor, request)
    if turn.earlier is not None:
        return await read_edit(session, masklet_id, frame_index, editor.action_id)
    check_frame(turn.video, frame_index)
    state = state_in(turn, frame_index)
    await _check_phase(session, turn.masklet, state, body)
    drawn = _drawn(turn.video, body)
    action = new_action(turn.video, editor, request, masklet_id=masklet_id, line=turn.masklet.participant_id)
    source = MaskSource.edited if drawn.area else MaskSource.absent
    mask = mask_values(action, turn.masklet, frame_index, drawn, source)
    entered = await enter_edit(session, turn, action, state, mask=mask)
    if state.prompt_set_id is not None:  # they stay on record, and have to be read
        return await read_edit(session, masklet_id, frame_index, editor.action_id)
    return edit_read(turn, action, frame_index, mask, entered)


async def clear_frame(session: AsyncSession, masklet_id: UUID, frame_index: int, editor: Editor) -> EditRead:
    """Remove the frame's prompts and mask, which makes it unknown again. Clearing an unknown frame is not an action."""
    request = Request(ActionKind.clear_frame, masklet_id, {}, frame_index)
    turn = await take_turn(session, masklet_id, editor, request)
    if turn.earlier is not None:
        return await read_edit(session, masklet_id, frame_index, editor.action_id)
    check_frame(turn.video, frame_index)
    state = state_in(turn, frame_index)
    if (state.mask_id, state.prompt_set_id) == (None, None):
        return await read_edit(session, masklet_id, frame_index, editor.action_id)
    action = new_action(turn.video, editor, request, masklet_id=masklet_id, line=turn.masklet.participant_id)
    entered = await enter_edit(session, turn, action, state, mask=None)
    return edit_read(turn, action, frame_index, None, entered)


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
