"""Queries for the history: what can be undone, what a token stands for, and which prompts are waiting for a mask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import product
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from backend.masklets.line_queries import LINE, Line, on_line
from backend.tables import (
    Action,
    DescriptionChange,
    FrameChange,
    FrameState,
    LockChange,
    Masklet,
    PromptSet,
    Run,
    User,
    Video,
)
from backend.tables.states import ActionKind, RunState

_UNFINISHED = (Action.kind == literal_column("'prompt'")) & ~Action.complete & ~Action.undone
"""A stored prompt that is waiting for its mask."""


async def action(session: AsyncSession, action_id: UUID) -> Action | None:
    return await session.get(Action, action_id)


async def lock_action(session: AsyncSession, action_id: UUID) -> tuple[Video, Masklet, Action] | None:
    """A masklet's action with its video and masklet, all locked and reloaded."""
    found = (
        select(Video, Masklet, Action)
        .join(Masklet, Masklet.video_id == Video.id)
        .join(Action, Action.masklet_id == Masklet.id)
        .where(Action.id == action_id)
    )
    locked = found.with_for_update(of=[Video, Masklet, Action], key_share=True).execution_options(
        populate_existing=True
    )
    row = (await session.execute(locked)).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def _steps_of(actor_id: BindParameter[Any] | InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """What a person can undo and redo: what they did themselves."""
    return and_(Action.actor_id == actor_id, ~Action.automatic, Action.kind != ActionKind.copy)


async def ends_of_history(
    session: AsyncSession, video_id: UUID, line: Line, *, actor_id: UUID
) -> tuple[Action | None, Action | None]:
    """A person's next actions to undo and to redo."""
    about = {"video_id": video_id, "line": line, "actor_id": actor_id}
    actions = {action.undone: action for action in await session.scalars(_ends_of_history(), about)}
    return actions.get(False), actions.get(True)


@cache  # every look for changes asks for it, and composing it takes longer than answering it
def _ends_of_history() -> Select[Action]:
    on_video = (Action.video_id == bindparam("video_id")) & on_line(Action.participant_id, LINE)
    mine = on_video & _steps_of(bindparam("actor_id"))
    top = select(Action.id).where(mine, ~Action.undone).order_by(Action.order.desc()).limit(1)
    next_up = select(Action.id).where(mine, Action.undone, ~Action.abandoned).order_by(Action.order).limit(1)
    return select(Action).where(or_(Action.id == top.scalar_subquery(), Action.id == next_up.scalar_subquery()))


async def step(session: AsyncSession, video_id: UUID, action_id: UUID, line: Line) -> Action | None:
    """An action of a video that somebody can undo, on one line of work."""
    found = select(Action).where(Action.id == action_id, Action.video_id == video_id)
    of_person = on_line(Action.participant_id, line) & _steps_of(Action.actor_id)
    return await session.scalar(found.where(of_person))


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What happened to one of an action's masklets after it."""

    masklet_name: str
    sealed: bool  # submitted or judged
    later_kind: ActionKind | None  # of the next action in force on the same masklet
    later_actor_id: UUID | None
    later_actor_name: str | None


async def obstacles(session: AsyncSession, action: Action) -> list[Obstacle]:
    """What happened after an action to each of its masklets, by number.

    Later actions of its own person stand in the way on any frame of a masklet, because steps are taken back in their
    order; those of others where they changed the same frames, described it too, began or deleted it, or still run.
    """
    about = {
        "action_id": action.id,
        "masklet_id": action.masklet_id,
        "video_id": action.video_id,
        "actor_id": action.actor_id,
        "order": action.order,
        "is_whole": action.kind in _WHOLE,
        "is_description": action.kind is ActionKind.describe,
    }
    return [Obstacle(*row) for row in await session.execute(_obstacles(of_run=action.masklet_id is None), about)]


_WHOLE = (ActionKind.create_masklet, ActionKind.delete_masklet)


@cache
def _obstacles(*, of_run: bool) -> Select[str, bool, Any, Any, Any]:
    """Made once: every edit asks for it, and making it costs more than answering it."""
    carried = select(func.unnest(Run.masklet_ids)).where(Run.action_id == bindparam("action_id"))
    its_own = Masklet.id.in_(carried) if of_run else Masklet.id == bindparam("masklet_id")
    collides = or_(
        Action.actor_id == bindparam("actor_id"),
        bindparam("is_whole", type_=Boolean()),
        Action.kind.in_(_WHOLE),
        and_(bindparam("is_description", type_=Boolean()), Action.kind == ActionKind.describe),
        Run.state.in_([RunState.queued, RunState.running]),
        *(_share_frames(mine, theirs) for mine, theirs in product((FrameChange, LockChange), repeat=2)),
    )
    after = (
        select(Action.kind, Action.actor_id, User.name)
        .join(User, User.id == Action.actor_id)
        .outerjoin(Run, Run.action_id == Action.id)
        .where(Action.video_id == bindparam("video_id"), Action.order > bindparam("order"), ~Action.undone)
        .where(or_(Action.masklet_id == Masklet.id, Masklet.id == func.any(Run.masklet_ids)), collides)
        .order_by((Action.actor_id == bindparam("actor_id")), Action.order)
        .limit(1)
        .lateral()
    )
    return (
        select(Masklet.name, Masklet.sealed_order >= bindparam("order"), after.c.kind, after.c.actor_id, after.c.name)
        .outerjoin(after, true())
        .where(its_own)
        .order_by(Masklet.number)
    )


def _share_frames(one: type[FrameChange | LockChange], other: type[FrameChange | LockChange]) -> ColumnElement[bool]:
    """Whether `action_id` changed a frame of the masklet that `Action` changed too. The query must join both."""
    mine, theirs = aliased(one), aliased(other)
    same = and_(theirs.masklet_id == mine.masklet_id, theirs.frame_index == mine.frame_index)
    shared = select(mine.frame_index).join(theirs, same).where(mine.action_id == bindparam("action_id"))
    return (
        shared.where(mine.masklet_id == Masklet.id, theirs.action_id == Action.id).correlate(Masklet, Action).exists()
    )


async def history_of(
    session: AsyncSession, masklet_ids: Sequence[UUID], *, carried_out: UUID
) -> Sequence[tuple[Action, Run | None]]:
    """Every action in force that affects the memory bank of one of these masklets, oldest first.

    A prompt that is waiting for its mask is left out, unless it is the action being carried out.
    """
    mattering = [
        ActionKind.prompt,
        ActionKind.edit_mask,
        ActionKind.clear_frame,
        ActionKind.propagate,
        ActionKind.copy,  # the start of a study participant's work
        ActionKind.import_masklet,
        ActionKind.lock_frames,  # a locked frame is a conditioning frame
    ]
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


async def refined_by_prompts(
    session: AsyncSession, masklet_id: UUID, *, before: UUID | None, compacted: bool = False
) -> dict[int, UUID | None]:
    """Frames whose mask answers prompts, and the mask that those prompts refine; None if they began without one.

    Prompt sets of a frame replace each other, so all of them refine the mask that the first one found there. With
    `before`, the id of an action, the result is as of just before that action; with `compacted`, of where undo ends.
    """
    prompted = (
        select(FrameChange.frame_index)
        .join(Action, Action.id == FrameChange.action_id)
        .where(FrameChange.masklet_id == masklet_id, Action.kind == ActionKind.prompt)
    )
    changes = (
        select(FrameChange.frame_index, Action.kind, FrameChange.before_mask_id)
        .join(Action, Action.id == FrameChange.action_id)
        .where(FrameChange.masklet_id == masklet_id, FrameChange.frame_index.in_(prompted), ~Action.undone)
    )
    if before is not None:
        changes = changes.where(Action.order < select(Action.order).where(Action.id == before).scalar_subquery())
    if compacted:
        changes = changes.where(Action.compacted)
    refined: dict[int, UUID | None] = {}
    for frame_index, kind, mask_id in await session.execute(changes.order_by(Action.order)):
        if kind is ActionKind.prompt:
            refined.setdefault(frame_index, mask_id)
        else:
            refined.pop(frame_index, None)
    return refined


async def changes_from(
    session: AsyncSession, action: Action, masklet_id: UUID, frame_index: int
) -> Sequence[tuple[FrameChange, bool]]:
    """An action's change of a frame and the next change that was not abandoned, each with whether it is in force."""
    from_here = (
        select(FrameChange, ~Action.undone)
        .join(Action, Action.id == FrameChange.action_id)
        .where(FrameChange.masklet_id == masklet_id, FrameChange.frame_index == frame_index)
        .where(or_(Action.id == action.id, (Action.order > action.order) & ~Action.abandoned))
    )
    rows = await session.execute(from_here.order_by(Action.order).limit(2))
    return [(change, counts) for change, counts in rows]


async def overtaken_masklet(session: AsyncSession, action: Action) -> str | None:
    """Name of a masklet on whose frames an undone action no longer finds what it found, or None.

    An earlier action of somebody else may have been undone or redone since. Redoing this one would write over that, and
    undoing it again would bring back what nobody wants.
    """
    found = (FrameState.mask_id, FrameState.prompt_set_id)
    before = (FrameChange.before_mask_id, FrameChange.before_prompts_id)
    moved = or_(FrameState.locked, *(now.is_distinct_from(then) for now, then in zip(found, before, strict=True)))
    overtaken = [
        select(Masklet.name)
        .join(FrameState, FrameState.masklet_id == Masklet.id)
        .join(change, and_(change.masklet_id == Masklet.id, change.frame_index == FrameState.frame_index))
        .where(change.action_id == action.id, differs)
        for change, differs in ((FrameChange, moved), (LockChange, FrameState.locked == LockChange.locked))
    ]
    return await session.scalar(union_all(*overtaken).limit(1))


async def num_changed_frames(session: AsyncSession, action_id: UUID) -> int:
    counted = select(func.count()).select_from(FrameChange).where(FrameChange.action_id == action_id)
    return await session.scalar(counted) or 0


async def move_all_pointers(session: AsyncSession, action_id: UUID, *, first_seq: int, back: bool) -> None:
    """Reset every frame that an action changed to its state before the action, or after it, in one statement."""
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


async def description_change(session: AsyncSession, action_id: UUID, masklet_id: UUID) -> DescriptionChange | None:
    """What an action said of a masklet."""
    return await session.get(DescriptionChange, (action_id, masklet_id))


async def unfinished_prompts(session: AsyncSession, masklet_id: UUID) -> Sequence[tuple[Action, PromptSet]]:
    """A masklet's stored prompts that are waiting for their mask, oldest first."""
    waiting = select(Action, PromptSet).join(PromptSet, PromptSet.action_id == Action.id)
    rows = await session.execute(waiting.where(Action.masklet_id == masklet_id, _UNFINISHED).order_by(Action.order))
    return [(action, prompts) for action, prompts in rows]


async def prompt_set_of(session: AsyncSession, action_id: UUID) -> PromptSet | None:
    """What an action asked of the model."""
    return (await session.scalars(select(PromptSet).where(PromptSet.action_id == action_id))).one_or_none()


async def is_wanted(session: AsyncSession, asked: Action, *, frame_index: int | None) -> bool:
    """Whether a prompt still needs its mask: it is in force, and no newer prompt waits that makes it less urgent.

    Such a prompt is on the given frame or, with None, anywhere on the masklet.
    """
    wanted = select(Action.id).join(Masklet, Masklet.id == Action.masklet_id)
    if await session.scalar(wanted.where(Action.id == asked.id, _UNFINISHED, ~Masklet.deleted)) is None:
        return False
    newer = select(Action.id).where(Action.masklet_id == asked.masklet_id, _UNFINISHED, Action.order > asked.order)
    if frame_index is not None:
        newer = newer.join(PromptSet, PromptSet.action_id == Action.id).where(PromptSet.frame_index == frame_index)
    return await session.scalar(newer.limit(1)) is None


async def masklets_with_unfinished_prompts(
    session: AsyncSession, *, older_than: timedelta = timedelta(0)
) -> Sequence[UUID]:
    waiting = (
        select(Action.masklet_id)
        .join(Masklet, Masklet.id == Action.masklet_id)
        .where(_UNFINISHED, ~Masklet.deleted)
        .where(Action.created_at <= func.clock_timestamp() - older_than)
    )
    return [masklet_id for masklet_id in await session.scalars(waiting.distinct()) if masklet_id is not None]
