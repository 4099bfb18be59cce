"""A frame's pointers to its mask and prompts: an action moves them and records where they pointed before."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record import frame_queries
from backend.annotation.record.problems import FrameLocked
from backend.annotation.record.run_queries import FramePointers
from backend.annotation.record.step_queries import ACTION_COLUMNS, Entered, Step, enter
from backend.events.announcement import announce
from backend.masklets.edit_rules import Request, Turn, next_seq, raise_version, record_action
from backend.masklets.headers import Editor
from backend.masklets.queries import abandon_undone_actions
from backend.masklets.work import note_edit
from backend.tables import Action, FrameChange, FrameMask, FrameState, Video


async def state_of(session: AsyncSession, video: Video, masklet_id: UUID, frame_index: int) -> FrameState:
    """The frame's state, to be edited; a new, empty one if the frame was never touched.

    Raises:
        FrameLocked: a person locked the frame.
    """
    state = await frame_queries.frame_state(session, masklet_id, frame_index)
    return _open(state) or FrameState(masklet_id=masklet_id, frame_index=frame_index, video_id=video.id, locked=False)


def state_in(turn: Turn, frame_index: int) -> FrameState:
    """As `state_of`, of the frame that the turn's request names."""
    return _open(turn.state) or FrameState(
        masklet_id=turn.masklet.id, frame_index=frame_index, video_id=turn.video.id, locked=False
    )


def _open(state: FrameState | None) -> FrameState | None:
    if state is not None and state.locked:
        raise FrameLocked(f"Frame {state.frame_index} is locked. Unlock it to change it.")
    return state


async def record_edit(session: AsyncSession, turn: Turn, editor: Editor, request: Request) -> tuple[Action, int]:
    """Enter an edit of one frame in the history, increase the masklet's version, and void its verdict.

    Returns the action and the frame's next sequence number.
    """
    line = turn.masklet.participant_id
    action = await record_action(session, turn.video, editor, request, masklet_id=turn.masklet.id, line=line)
    seq = next_seq(session, turn.video)
    await note_edit(session, turn.masklet, action, turn.task)
    raise_version(session, turn.video, turn.masklet)
    return action, seq


async def enter_edit(
    session: AsyncSession, turn: Turn, action: Action, state: FrameState, *, mask: dict[str, Any] | None
) -> Entered:
    """Enter an edit of one frame that needs no model: a new mask (a row of `frame_masks`), or no mask and no prompts.

    The same as `record_edit` and `move_pointers` in fewer statements. `action` is not in the database session.
    """
    if turn.any_undone:
        line = turn.masklet.participant_id
        await abandon_undone_actions(session, turn.video.id, line, actor_id=action.actor_id)
    mask_id, prompts_id = (None, None) if mask is None else (mask["id"], state.prompt_set_id)
    step = Step(
        video=turn.video,
        masklet=turn.masklet,
        action={name: getattr(action, name) for name in ACTION_COLUMNS},
        mask=mask,
        change=_change_values(action, state, mask_id=mask_id, prompts_id=prompts_id),
        state={
            "masklet_id": state.masklet_id,
            "frame_index": state.frame_index,
            "video_id": turn.video.id,
            "mask_id": mask_id,
            "prompt_set_id": prompts_id,
            "locked": False,
        },
    )
    entered = await enter(session, step)
    announce(session, turn.video.id)
    action.order = entered.order
    await note_edit(session, turn.masklet, action, turn.task)
    return entered


def move_pointers(
    session: AsyncSession, action: Action, state: FrameState, seq: int, *, mask_id: UUID | None, prompts_id: UUID | None
) -> None:
    """Point a frame at another mask and prompt set, and record what it pointed at before the action."""
    session.add(FrameChange(**_change_values(action, state, mask_id=mask_id, prompts_id=prompts_id)))
    state.mask_id, state.prompt_set_id, state.seq = mask_id, prompts_id, seq
    session.add(state)


def _change_values(
    action: Action, state: FrameState, *, mask_id: UUID | None, prompts_id: UUID | None
) -> dict[str, Any]:
    return {
        "action_id": action.id,
        "masklet_id": state.masklet_id,
        "frame_index": state.frame_index,
        "before_mask_id": state.mask_id,
        "after_mask_id": mask_id,
        "before_prompts_id": state.prompt_set_id,
        "after_prompts_id": prompts_id,
    }


async def move_to_masks(
    session: AsyncSession, video: Video, action: Action, masks: Sequence[dict[str, Any]], before: FramePointers
) -> None:
    """Store new revisions (rows of `frame_masks`) and point their frames at them, in three statements.

    The video must be locked. `before` is what the frames pointed at; if the action stores a frame twice, the first
    `before` is kept.
    """
    await session.execute(insert(FrameMask), masks)
    await _point_at(session, video, masks)
    await _keep(session, action, masks, before)


async def _point_at(session: AsyncSession, video: Video, masks: Sequence[dict[str, Any]]) -> None:
    first_seq = next_seq(session, video, len(masks))
    states = insert(FrameState)
    await session.execute(
        states.on_conflict_do_update(
            index_elements=[FrameState.masklet_id, FrameState.frame_index],
            set_={"mask_id": states.excluded.mask_id, "seq": states.excluded.seq},
        ),
        [
            {
                "masklet_id": mask["masklet_id"],
                "frame_index": mask["frame_index"],
                "video_id": video.id,
                "mask_id": mask["id"],
                "seq": first_seq + offset,
            }
            for offset, mask in enumerate(masks)
        ],
    )


async def _keep(session: AsyncSession, action: Action, masks: Sequence[dict[str, Any]], before: FramePointers) -> None:
    changes = insert(FrameChange)
    await session.execute(
        changes.on_conflict_do_update(
            index_elements=[FrameChange.action_id, FrameChange.masklet_id, FrameChange.frame_index],
            set_={"after_mask_id": changes.excluded.after_mask_id},
        ),
        [_change(action, mask, before) for mask in masks],
    )


def _change(action: Action, mask: dict[str, Any], before: FramePointers) -> dict[str, Any]:
    known = before.get((mask["masklet_id"], mask["frame_index"]))
    return {
        "action_id": action.id,
        "masklet_id": mask["masklet_id"],
        "frame_index": mask["frame_index"],
        "before_mask_id": None if known is None else known.mask_id,
        "after_mask_id": mask["id"],
    }
