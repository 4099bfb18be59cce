"""Queries for masklets, for their runs, and for the locks that writers take."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Integer, bindparam, exists, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, defer

from backend.leases.queries import held_by_somebody
from backend.masklets.line_queries import Line, on_line
from backend.tables import Action, FrameChange, FrameMask, FrameState, Masklet, Project, Run, Task, Video
from backend.tables.states import Phase, RunState

UNDONE = Action.undone & ~Action.abandoned
"""The action can be redone. An index covers just these, because most videos have none."""


def latest_model_version(*, besides: BindParameter[int] | None = None) -> ColumnElement[str | None]:
    """The model behind the most recently changed of a masklet's current masks, as a column for queries on Masklet.

    The frame `besides` does not count.
    """
    state = aliased(FrameState)
    found = (
        select(FrameMask.model_version)
        .join(state, (state.masklet_id == FrameMask.masklet_id) & (state.mask_id == FrameMask.id))
        .where(state.masklet_id == Masklet.id, FrameMask.masklet_id == Masklet.id)
        .where(FrameMask.model_version.is_not(None))
    )
    if besides is not None:
        found = found.where(state.frame_index.is_distinct_from(besides))
    return found.order_by(state.seq.desc()).limit(1).correlate(Masklet).scalar_subquery()


async def masklet_with_model(session: AsyncSession, masklet_id: UUID) -> tuple[Masklet, str | None] | None:
    row = (await session.execute(select(Masklet, latest_model_version()).where(Masklet.id == masklet_id))).one_or_none()
    return None if row is None else (row[0], row[1])


async def masklets_with_models(session: AsyncSession, ids: Sequence[UUID]) -> list[tuple[Masklet, str | None]]:
    """These masklets with their models, by number."""
    rows = await session.execute(
        select(Masklet, latest_model_version()).where(Masklet.id.in_(ids)).order_by(Masklet.number)
    )
    return [(masklet, version) for masklet, version in rows]


_SELDOM_USED = (Video.source, Video.filmstrip, Video.problem, Video.warnings, Video.attributes)
"""What edits have no use for, and what would have to be decoded from JSON each time."""

_LOCKED_MASKLET = (
    select(Video, Masklet)
    .join(Masklet, Masklet.video_id == Video.id)
    .where(Masklet.id == bindparam("masklet_id"))
    .options(*(defer(column, raiseload=True) for column in _SELDOM_USED))
    .with_for_update(of=[Video, Masklet], key_share=True)
    .execution_options(populate_existing=True)
)


async def lock_masklet(session: AsyncSession, masklet_id: UUID) -> tuple[Video, Masklet] | None:
    """A masklet and its video, both locked and reloaded."""
    row = (await session.execute(_LOCKED_MASKLET, {"masklet_id": masklet_id})).one_or_none()
    return None if row is None else (row[0], row[1])


@dataclass(frozen=True, slots=True)
class TurnFacts:
    """What a writer's turn depends on besides the video and the masklet, read once both are locked."""

    earlier: Action | None  # the action of this id
    held: Sequence[tuple[Task, bool]]  # as of `held_tasks`
    state: FrameState | None  # of the frame in question
    model_version: str | None  # behind the masklet's masks on other frames
    any_undone: bool  # whether there are undone actions that could be redone


_HELD = held_by_somebody(bindparam("video_id")).cte("held")
_HeldTask = aliased(Task, _HELD)
_TURN_FACTS = (
    select(
        Action,
        FrameState,
        latest_model_version(besides=bindparam("frame_index", type_=Integer)),
        exists().where(UNDONE, Action.video_id == bindparam("video_id")).correlate(None),
        _HeldTask,
        _HELD.c.live,
    )
    .select_from(Masklet)
    .outerjoin(Action, Action.id == bindparam("action_id"))
    .outerjoin(
        FrameState,
        (FrameState.masklet_id == Masklet.id) & (FrameState.frame_index == bindparam("frame_index", type_=Integer)),
    )
    .outerjoin(_HeldTask, true())
    .where(Masklet.id == bindparam("masklet_id"))
    .execution_options(populate_existing=True)
)


async def facts_of_turn(
    session: AsyncSession, masklet: Masklet, action_id: UUID, *, frame_index: int | None
) -> TurnFacts:
    """One query for all that an edit checks; the tasks in it are locked, as `held_tasks` does."""
    values = {
        "video_id": masklet.video_id,
        "masklet_id": masklet.id,
        "action_id": action_id,
        "frame_index": frame_index,
    }
    rows: Sequence[Any] = (await session.execute(_TURN_FACTS, values)).all()
    earlier, state, model_version, any_undone = rows[0][:4]
    held = [(row[4], row[5]) for row in rows if row[4] is not None]
    return TurnFacts(earlier, held, state, model_version, any_undone)


async def lock_video(session: AsyncSession, video_id: UUID) -> Video | None:
    """The video, locked, with which come its sequence numbers until the transaction ends."""
    return await session.get(Video, video_id, with_for_update={"key_share": True}, populate_existing=True)


async def action(session: AsyncSession, action_id: UUID) -> Action | None:
    return await session.get(Action, action_id)


async def masklet(session: AsyncSession, masklet_id: UUID) -> Masklet | None:
    return await session.get(Masklet, masklet_id)


async def next_number(session: AsyncSession, video_id: UUID) -> int:
    highest = await session.scalar(select(func.max(Masklet.number)).where(Masklet.video_id == video_id))
    return (highest or 0) + 1


async def abandon_undone_actions(session: AsyncSession, video_id: UUID, line: Line, *, actor_id: UUID) -> None:
    """Let a person's undone actions stay undone. Other people's are theirs to redo."""
    undone = (Action.video_id == video_id) & UNDONE & on_line(Action.participant_id, line)
    await session.execute(update(Action).where(undone, Action.actor_id == actor_id).values(abandoned=True))


async def had_number(session: AsyncSession, video_id: UUID, number: int) -> bool:
    """Whether an object of the video has this number, deleted or not."""
    return bool(await session.scalar(select(exists().where(Masklet.video_id == video_id, Masklet.number == number))))


async def phase_of_project(session: AsyncSession, project_id: UUID) -> Phase:
    return (await session.execute(select(Project.phase).where(Project.id == project_id))).scalar_one()


async def phase_of_video(session: AsyncSession, video_id: UUID) -> Phase:
    """The phase of the project that a video belongs to."""
    phase = select(Project.phase).join(Video, Video.project_id == Project.id).where(Video.id == video_id)
    return (await session.execute(phase)).scalar_one()


async def active_runs(session: AsyncSession, video_id: UUID) -> Sequence[Run]:
    """A video's queued and running runs, locked against their drivers until the transaction ends."""
    active = select(Run).where(Run.video_id == video_id, Run.state.in_([RunState.queued, RunState.running]))
    return (await session.scalars(active.order_by(Run.id).with_for_update())).all()


async def changed_frames(session: AsyncSession, action_id: UUID) -> bool:
    """Whether an action changed any frame."""
    return bool(await session.scalar(select(exists().where(FrameChange.action_id == action_id))))
