"""Write what an action does to frames: revisions are appended, pointers move, and what they pointed at is kept."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from backend.annotation.record import frame_queries
from backend.annotation.record.masks import CheckedMask
from backend.annotation.record.problems import FrameLocked
from backend.tables import Action, FrameChange, FrameMask, FrameState, Masklet, Video
from backend.tables.states import MaskSource
from model_server.contract.masks import MaskResult


@dataclass(frozen=True, slots=True)
class Answer:
    """A mask that a model made."""

    mask: CheckedMask
    result: MaskResult


async def state_of(session: AsyncSession, video: Video, masklet_id: UUID, frame_index: int) -> FrameState:
    """The frame's state, to be edited; a new, empty one where nothing ever happened.

    Raises:
        FrameLocked
    """
    state = await frame_queries.frame_state(session, masklet_id, frame_index)
    if state is not None and state.locked:
        raise FrameLocked(f"Frame {frame_index} is locked. Unlock it to change it.")
    if state is None:
        state = FrameState(masklet_id=masklet_id, frame_index=frame_index, video_id=video.id, locked=False)
    return state


def move_pointers(
    session: AsyncSession, action: Action, state: FrameState, seq: int, *, mask_id: UUID | None, prompts_id: UUID | None
) -> None:
    """Let a frame point elsewhere from now on, and remember what it pointed at before the action."""
    session.add(
        FrameChange(
            action_id=action.id,
            masklet_id=state.masklet_id,
            frame_index=state.frame_index,
            before_mask_id=state.mask_id,
            after_mask_id=mask_id,
            before_prompts_id=state.prompt_set_id,
            after_prompts_id=prompts_id,
        )
    )
    state.mask_id, state.prompt_set_id, state.seq = mask_id, prompts_id, seq
    session.add(state)


def mask_values(
    action: Action, masklet: Masklet, frame_index: int, mask: CheckedMask, source: MaskSource
) -> dict[str, Any]:
    """A new revision as a row of frame_masks."""
    x, y, width, height = mask.box or (None, None, None, None)
    return {
        "id": uuid4(),
        "masklet_id": masklet.id,
        "frame_index": frame_index,
        "counts": mask.counts,
        "area": mask.area,
        "box_x": x,
        "box_y": y,
        "box_width": width,
        "box_height": height,
        "source": source,
        "phase": masklet.phase,
        "action_id": action.id,
        "created_by": action.actor_id,
    }


def answer_values(
    action: Action, masklet: Masklet, answer: Answer, source: MaskSource, *, run_id: UUID | None = None
) -> dict[str, Any]:
    """A model's mask as a row of frame_masks, with the scores that came with it."""
    return mask_values(action, masklet, answer.result.frame_index, answer.mask, source) | {
        "predicted_iou": answer.result.predicted_iou,
        "object_score": answer.result.object_score,
        "stability": answer.result.stability,
        "candidate": answer.result.candidate,
        "model_version": answer.result.model_version,
        "run_id": run_id,
    }


async def add_mask(session: AsyncSession, values: dict[str, Any]) -> UUID:
    """Store one revision; its id."""
    mask = FrameMask(**values)
    session.add(mask)
    await session.flush()
    return mask.id
