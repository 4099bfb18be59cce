from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, and_, case, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.tables import Action, FrameChange, FrameMask, FrameState, Masklet, PromptSet, Run, Video
from backend.tables.states import ActionKind, MaskSource, RunState

CURRENT_MASK = and_(FrameMask.masklet_id == FrameState.masklet_id, FrameMask.id == FrameState.mask_id)
DRAWN = FrameMask.source != MaskSource.propagated
"""A conditioning frame: its mask answers a person's prompt, or is their own drawing."""

_FRAME_COLUMNS = (
    FrameState.masklet_id,
    FrameState.frame_index,
    FrameState.seq,
    FrameState.prompt_set_id,
    PromptSet.clicks,
    PromptSet.box,
    FrameMask.id.label("mask_id"),
    FrameMask.counts,
    FrameMask.area,
    FrameMask.box_x,
    FrameMask.box_y,
    FrameMask.box_width,
    FrameMask.box_height,
    FrameMask.source,
    FrameMask.predicted_iou,
    FrameMask.object_score,
    FrameMask.stability,
    FrameMask.model_version,
    FrameMask.run_id,
    FrameMask.created_at,
)


async def video(session: AsyncSession, video_id: UUID) -> Video | None:
    return await session.get(Video, video_id)


async def frame_state(session: AsyncSession, masklet_id: UUID, frame_index: int) -> FrameState | None:
    return await session.get(FrameState, (masklet_id, frame_index))


async def frame(session: AsyncSession, masklet_id: UUID, frame_index: int) -> RowMapping | None:
    """One frame's current mask and prompts; None while nothing ever happened there."""
    found = _frames().where(FrameState.masklet_id == masklet_id, FrameState.frame_index == frame_index)
    return (await session.execute(found)).mappings().one_or_none()


async def changed_frames(
    session: AsyncSession, video_id: UUID, *, after: int, until: int, limit: int
) -> Sequence[RowMapping]:
    """At most `limit` frames of a video whose sequence number is in (after, until], in its order."""
    found = _frames().where(FrameState.video_id == video_id, FrameState.seq > after, FrameState.seq <= until)
    return (await session.execute(found.order_by(FrameState.seq).limit(limit))).mappings().all()


async def changed_masklets(session: AsyncSession, video_id: UUID, *, after: int, until: int) -> Sequence[UUID]:
    changed = select(Masklet.id).where(Masklet.video_id == video_id, Masklet.seq > after, Masklet.seq <= until)
    return (await session.scalars(changed)).all()


async def changed_runs(session: AsyncSession, video_id: UUID, *, after: int, until: int) -> Sequence[Run]:
    changed = select(Run).where(Run.video_id == video_id, Run.seq > after, Run.seq <= until)
    return (await session.scalars(changed.order_by(Run.created_at))).all()


async def run(session: AsyncSession, run_id: UUID) -> Run | None:
    return await session.get(Run, run_id)


async def run_of_action(session: AsyncSession, action_id: UUID) -> Run | None:
    return (await session.scalars(select(Run).where(Run.action_id == action_id))).one_or_none()


async def undoable_action(session: AsyncSession, video_id: UUID) -> Action | None:
    """The latest action that still counts."""
    counting = select(Action).where(Action.video_id == video_id, ~Action.undone)
    return (await session.scalars(counting.order_by(Action.order.desc()).limit(1))).first()


async def redoable_action(session: AsyncSession, video_id: UUID) -> Action | None:
    """The earliest undone action that nothing has replaced since."""
    undone = select(Action).where(Action.video_id == video_id, Action.undone, ~Action.abandoned)
    return (await session.scalars(undone.order_by(Action.order).limit(1))).first()


async def history_of(
    session: AsyncSession, masklet_ids: Sequence[UUID], *, carried_out: UUID
) -> Sequence[tuple[Action, Run | None]]:
    """Every action that still counts for one of these masklets and that its memory bank knows of, oldest first.

    A prompt whose mask is not there yet does not count, except the one that is being carried out.
    """
    mattering = [ActionKind.prompt, ActionKind.edit_mask, ActionKind.clear_frame, ActionKind.propagate]
    counting = (
        select(Action, Run)
        .outerjoin(Run, Run.action_id == Action.id)
        .where(
            Action.video_id.in_(select(Masklet.video_id).where(Masklet.id.in_(masklet_ids))),
            ~Action.undone,
            Action.kind.in_(mattering),
            or_(Action.complete, Action.kind == ActionKind.propagate, Action.id == carried_out),
            or_(Action.masklet_id.in_(masklet_ids), Run.masklet_ids.overlap(masklet_ids)),
        )
    )
    rows = await session.execute(counting.order_by(Action.order))
    return [(action, run) for action, run in rows]


async def known_masks(session: AsyncSession, masklet_id: UUID, *, before: UUID | None) -> Sequence[RowMapping]:
    """Every frame of a masklet with its mask, as the model server is told of it: now, or before a prompt's action."""
    own = (FrameChange.action_id == before) & (FrameChange.masklet_id == masklet_id)
    mask_id = case((FrameChange.action_id.is_not(None), FrameChange.before_mask_id), else_=FrameState.mask_id)
    known = (
        select(
            FrameState.frame_index,
            FrameMask.counts,
            FrameMask.area,
            FrameMask.object_score,
            DRAWN.label("conditioning"),
        )
        .outerjoin(FrameChange, own & (FrameChange.frame_index == FrameState.frame_index))
        .join(FrameMask, (FrameMask.masklet_id == masklet_id) & (FrameMask.id == mask_id))
        .where(FrameState.masklet_id == masklet_id)
    )
    return (await session.execute(known.order_by(FrameState.frame_index))).mappings().all()


async def change(session: AsyncSession, action_id: UUID, masklet_id: UUID, frame_index: int) -> FrameChange | None:
    return await session.get(FrameChange, (action_id, masklet_id, frame_index))


async def unfinished_prompts(session: AsyncSession, masklet_id: UUID) -> Sequence[Action]:
    """Prompts of a masklet that are stored and still wait for their mask, oldest first."""
    waiting = select(Action).where(
        Action.masklet_id == masklet_id, Action.kind == ActionKind.prompt, ~Action.complete, ~Action.undone
    )
    return (await session.scalars(waiting.order_by(Action.order))).all()


async def masklets_with_unfinished_prompts(session: AsyncSession) -> Sequence[UUID]:
    waiting = (
        select(Action.masklet_id)
        .join(Masklet, Masklet.id == Action.masklet_id)
        .where(Action.kind == ActionKind.prompt, ~Action.complete, ~Action.undone, ~Masklet.deleted)
    )
    return [masklet_id for masklet_id in await session.scalars(waiting.distinct()) if masklet_id is not None]


async def unfinished_runs(session: AsyncSession) -> Sequence[Run]:
    active = select(Run).where(Run.state.in_([RunState.queued, RunState.running]))
    return (await session.scalars(active.order_by(Run.created_at))).all()


async def protected_frames(session: AsyncSession, masklet_ids: Sequence[UUID]) -> set[tuple[UUID, int]]:
    """(masklet, frame) that no propagation may overwrite: a person prompted or drew there."""
    found = (
        select(FrameState.masklet_id, FrameState.frame_index)
        .outerjoin(FrameMask, CURRENT_MASK)
        .where(FrameState.masklet_id.in_(masklet_ids), or_(FrameState.prompt_set_id.is_not(None), DRAWN))
    )
    return {(masklet_id, frame_index) for masklet_id, frame_index in await session.execute(found)}


async def masklets_with_drawn_frames(session: AsyncSession, masklet_ids: Sequence[UUID]) -> set[UUID]:
    """Of these masklets, the ones with a conditioning frame to propagate from."""
    found = (
        select(FrameState.masklet_id)
        .join(FrameMask, CURRENT_MASK)
        .where(FrameState.masklet_id.in_(masklet_ids), FrameMask.masklet_id.in_(masklet_ids), DRAWN)
    )
    return set(await session.scalars(found.distinct()))


async def frames_done(session: AsyncSession, action_id: UUID) -> set[tuple[UUID, int]]:
    """(masklet, frame) an action already changed."""
    changed = select(FrameChange.masklet_id, FrameChange.frame_index).where(FrameChange.action_id == action_id)
    return {(masklet_id, frame_index) for masklet_id, frame_index in await session.execute(changed)}


def _frames() -> Any:
    return (
        select(*_FRAME_COLUMNS)
        .outerjoin(FrameMask, CURRENT_MASK)
        .outerjoin(PromptSet, PromptSet.id == FrameState.prompt_set_id)
    )


async def action_with_masklet(session: AsyncSession, action_id: UUID) -> tuple[Action, Masklet]:
    found = select(Action, Masklet).join(Masklet, Masklet.id == Action.masklet_id).where(Action.id == action_id)
    row = (await session.execute(found)).one()
    return row[0], row[1]


async def next_change(session: AsyncSession, action: Action, masklet_id: UUID, frame_index: int) -> FrameChange | None:
    """What the first later action on the same frame did to it, unless nobody can see that action any more."""
    later = (
        select(FrameChange)
        .join(Action, Action.id == FrameChange.action_id)
        .where(FrameChange.masklet_id == masklet_id, FrameChange.frame_index == frame_index)
        .where(Action.order > action.order, ~Action.abandoned)
    )
    return (await session.scalars(later.order_by(Action.order).limit(1))).first()


async def counts(session: AsyncSession, action_id: UUID) -> bool:
    """Whether an action has not been undone."""
    return bool(await session.scalar(select(~Action.undone).where(Action.id == action_id)))


async def action(session: AsyncSession, action_id: UUID) -> Action | None:
    return await session.get(Action, action_id)


async def masklets(session: AsyncSession, masklet_ids: Sequence[UUID]) -> Sequence[Masklet]:
    return (await session.scalars(select(Masklet).where(Masklet.id.in_(masklet_ids)))).all()


async def num_changed_frames(session: AsyncSession, action_id: UUID) -> int:
    counted = select(func.count()).select_from(FrameChange).where(FrameChange.action_id == action_id)
    return await session.scalar(counted) or 0


async def move_all_pointers(session: AsyncSession, action_id: UUID, *, first_seq: int, back: bool) -> None:
    """Point every frame an action changed at what it held before the action, or after it; one statement for all."""
    mask_id = FrameChange.before_mask_id if back else FrameChange.after_mask_id
    prompts_id = FrameChange.before_prompts_id if back else FrameChange.after_prompts_id
    rank = func.row_number().over(order_by=(FrameChange.frame_index, FrameChange.masklet_id))
    moved = (
        select(
            FrameChange.masklet_id,
            FrameChange.frame_index,
            mask_id.label("mask_id"),
            prompts_id.label("prompts_id"),
            (rank + (first_seq - 1)).label("seq"),
        )
        .where(FrameChange.action_id == action_id)
        .subquery()
    )
    await session.execute(
        update(FrameState)
        .where(FrameState.masklet_id == moved.c.masklet_id, FrameState.frame_index == moved.c.frame_index)
        .values(mask_id=moved.c.mask_id, prompt_set_id=moved.c.prompts_id, seq=moved.c.seq),
        execution_options={"synchronize_session": False},
    )


@dataclass(frozen=True, slots=True)
class FramePointer:
    """A frame's current mask, and whether it is a person's."""

    mask_id: UUID | None
    protected: bool


FramePointers = Mapping[tuple[UUID, int], FramePointer]
"""By (masklet, frame); a frame nothing ever happened on is not in it."""


async def frame_pointers(session: AsyncSession, keys: Sequence[tuple[UUID, int]]) -> FramePointers:
    found = (
        select(
            FrameState.masklet_id,
            FrameState.frame_index,
            FrameState.mask_id,
            func.coalesce(or_(FrameState.prompt_set_id.is_not(None), DRAWN), False),
        )
        .outerjoin(FrameMask, CURRENT_MASK)
        .where(tuple_(FrameState.masklet_id, FrameState.frame_index).in_(keys))
    )
    rows = await session.execute(found)
    return {(masklet_id, frame): FramePointer(mask_id, protected) for masklet_id, frame, mask_id, protected in rows}


async def ended_runs(session: AsyncSession, run_ids: Collection[UUID]) -> Sequence[UUID]:
    """Of these runs, the ones nobody should drive any more."""
    active = select(Run.id).where(Run.id.in_(run_ids), Run.state.in_([RunState.queued, RunState.running]))
    return list(set(run_ids) - set(await session.scalars(active)))


async def clock_milliseconds(session: AsyncSession) -> int:
    """The database's clock, since 1970: every backend of one database reads the same one."""
    seconds = await session.scalar(select(func.extract("epoch", func.clock_timestamp())))
    assert seconds is not None
    return int(seconds * 1000)
