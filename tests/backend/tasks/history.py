"""A video's history and frames at one moment, to tell afterwards what an undo has changed."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.tables import Action, FrameChange, FrameMask, FrameState, Masklet


@dataclass(frozen=True)
class History:
    """Actions with actor, whether undone and order; what they were sealed at; frames with mask and its maker.

    `found` has the mask that an action found on a frame.
    """

    actions: dict[UUID, tuple[UUID, bool, int]]
    sealed: dict[UUID, int]
    frames: dict[tuple[UUID, int], tuple[UUID, UUID]]
    found: dict[tuple[UUID, UUID, int], UUID | None]


async def history_of(session: AsyncSession, video_id: UUID) -> History:
    of_people = select(Action).where(Action.video_id == video_id, ~Action.automatic).order_by(Action.order)
    actions = (await session.scalars(of_people)).all()
    masklets = await session.scalars(select(Masklet).where(Masklet.video_id == video_id))
    sealed = {masklet.id: masklet.sealed_order for masklet in masklets}
    frames = await session.execute(
        select(FrameState.masklet_id, FrameState.frame_index, FrameMask.id, FrameMask.created_by)
        .join(FrameMask, (FrameMask.masklet_id == FrameState.masklet_id) & (FrameMask.id == FrameState.mask_id))
        .where(FrameState.video_id == video_id)
    )
    changes = await session.scalars(
        select(FrameChange).join(Action, Action.id == FrameChange.action_id).where(Action.video_id == video_id)
    )
    return History(
        {action.id: (action.actor_id, action.undone, action.order) for action in actions},
        {action.id: sealed[action.masklet_id] for action in actions if action.masklet_id is not None},
        {(row[0], row[1]): (row[2], row[3]) for row in frames},
        {(each.action_id, each.masklet_id, each.frame_index): each.before_mask_id for each in changes},
    )
