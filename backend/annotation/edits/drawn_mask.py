"""Masks drawn by hand, and frames cleared. Neither waits for the model: it learns of them when it is next asked."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.prompts.service import read_edit
from backend.annotation.record import frame_queries
from backend.annotation.record.masks import CheckedMask, checked_mask, empty_mask
from backend.annotation.record.problems import FrameOutOfRange
from backend.annotation.record.revisions import add_mask, mask_values, move_pointers, state_of
from backend.annotation.record.schemas import EditRead, MaskWrite
from backend.masklets.editing import Request, Turn, mark_edited, next_seq, record_action, take_turn
from backend.masklets.headers import Editor
from backend.phases.rules import Tool, allows, require_tool
from backend.tables import FrameState, Masklet, Video
from backend.tables.states import ActionKind, MaskSource


async def draw_mask(
    session: AsyncSession, masklet_id: UUID, frame_index: int, body: MaskWrite, editor: Editor
) -> EditRead:
    """Put a person's mask in place of the frame's. Its prompts stay, as a record of what was asked."""
    request = Request(ActionKind.edit_mask, masklet_id, body.model_dump(mode="json"), frame_index)
    turn = await take_turn(session, masklet_id, editor, request)
    if turn.earlier is None:
        _check_frame(turn.video, frame_index)
        state = await state_of(session, turn.video, masklet_id, frame_index)
        await _check_phase(session, turn.masklet, state, body)
        mask = _drawn(turn.video, body)
        action = await record_action(
            session, turn.video, editor, request, masklet_id=masklet_id, line=turn.masklet.participant_id
        )
        source = MaskSource.edited if mask.area else MaskSource.absent
        mask_id = await add_mask(session, mask_values(action, turn.masklet, frame_index, mask, source))
        seq = next_seq(session, turn.video)
        move_pointers(session, action, state, seq, mask_id=mask_id, prompts_id=state.prompt_set_id)
        mark_edited(session, turn.video, turn.masklet)
    return await _read(session, turn, frame_index, editor)


async def clear_frame(session: AsyncSession, masklet_id: UUID, frame_index: int, editor: Editor) -> EditRead:
    """Take the frame's prompts and mask away: it is unknown again. Clearing an unknown frame is not an action."""
    request = Request(ActionKind.clear_frame, masklet_id, {}, frame_index)
    turn = await take_turn(session, masklet_id, editor, request)
    if turn.earlier is None:
        _check_frame(turn.video, frame_index)
        state = await state_of(session, turn.video, masklet_id, frame_index)
        if (state.mask_id, state.prompt_set_id) != (None, None):
            action = await record_action(
                session, turn.video, editor, request, masklet_id=masklet_id, line=turn.masklet.participant_id
            )
            move_pointers(session, action, state, next_seq(session, turn.video), mask_id=None, prompts_id=None)
            mark_edited(session, turn.video, turn.masklet)
    return await _read(session, turn, frame_index, editor)


async def _read(session: AsyncSession, turn: Turn, frame_index: int, editor: Editor) -> EditRead:
    await session.flush()
    return await read_edit(session, turn.masklet.id, frame_index, editor.action_id)


def _drawn(video: Video, body: MaskWrite) -> CheckedMask:
    assert video.height is not None
    assert video.width is not None
    if body.tool == "absent":
        return empty_mask(height=video.height, width=video.width)
    return checked_mask(body.mask, height=video.height, width=video.width)


async def _check_phase(session: AsyncSession, masklet: Masklet, state: FrameState, body: MaskWrite) -> None:
    """The eraser needs a mask to take from: one that tracking left may only be refined where the phase refines."""
    if body.tool == "absent":
        return
    require_tool(masklet.phase, Tool(body.tool))
    if body.tool == "eraser" and not allows(masklet.phase, Tool.refine):
        source = await frame_queries.mask_source(session, masklet.id, state.mask_id)
        if source is MaskSource.propagated:
            require_tool(masklet.phase, Tool.refine)


def _check_frame(video: Video, frame_index: int) -> None:
    assert video.num_frames is not None
    if frame_index >= video.num_frames:
        raise FrameOutOfRange(f"The video has {video.num_frames} frames.")
