"""Queries for masklets, for their runs, and for the locks that writers take."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.masklets.line_queries import Line, on_line
from backend.tables import Action, FrameChange, FrameMask, FrameState, Masklet, Project, Run, Video
from backend.tables.states import Phase, RunState


def latest_model_version() -> ColumnElement[str | None]:
    """The model behind the most recently changed of a masklet's current masks, as a column for queries on Masklet."""
    return (
        select(FrameMask.model_version)
        .join(FrameState, (FrameState.masklet_id == FrameMask.masklet_id) & (FrameState.mask_id == FrameMask.id))
        .where(FrameState.masklet_id == Masklet.id, FrameMask.masklet_id == Masklet.id)
        .where(FrameMask.model_version.is_not(None))
        .order_by(FrameState.seq.desc())
        .limit(1)
        .correlate(Masklet)
        .scalar_subquery()
    )


async def masklet_with_model(session: AsyncSession, masklet_id: UUID) -> tuple[Masklet, str | None] | None:
    row = (await session.execute(select(Masklet, latest_model_version()).where(Masklet.id == masklet_id))).one_or_none()
    return None if row is None else (row[0], row[1])


async def masklets_with_models(session: AsyncSession, ids: Sequence[UUID]) -> list[tuple[Masklet, str | None]]:
    """These masklets with their models, by number."""
    rows = await session.execute(
        select(Masklet, latest_model_version()).where(Masklet.id.in_(ids)).order_by(Masklet.number)
    )
    return [(masklet, version) for masklet, version in rows]


async def lock_masklet(session: AsyncSession, masklet_id: UUID) -> tuple[Video, Masklet] | None:
    """A masklet and its video, both locked and reloaded."""
    found = select(Video, Masklet).join(Masklet, Masklet.video_id == Video.id).where(Masklet.id == masklet_id)
    locked = found.with_for_update(of=[Video, Masklet], key_share=True).execution_options(populate_existing=True)
    row = (await session.execute(locked)).one_or_none()
    return None if row is None else (row[0], row[1])


async def lock_video(session: AsyncSession, video_id: UUID) -> Video | None:
    """The video, locked, with which come its sequence numbers until the transaction ends."""
    return await session.get(Video, video_id, with_for_update={"key_share": True}, populate_existing=True)


async def action(session: AsyncSession, action_id: UUID) -> Action | None:
    return await session.get(Action, action_id)


async def next_number(session: AsyncSession, video_id: UUID) -> int:
    highest = await session.scalar(select(func.max(Masklet.number)).where(Masklet.video_id == video_id))
    return (highest or 0) + 1


async def abandon_undone_actions(session: AsyncSession, video_id: UUID, line: Line) -> None:
    undone = (Action.video_id == video_id) & Action.undone & ~Action.abandoned & on_line(Action.participant_id, line)
    await session.execute(update(Action).where(undone).values(abandoned=True))


async def phase_of_project(session: AsyncSession, project_id: UUID) -> Phase:
    return (await session.execute(select(Project.phase).where(Project.id == project_id))).scalar_one()


async def active_runs(session: AsyncSession, video_id: UUID) -> Sequence[Run]:
    """A video's queued and running runs, locked against their drivers until the transaction ends."""
    active = select(Run).where(Run.video_id == video_id, Run.state.in_([RunState.queued, RunState.running]))
    return (await session.scalars(active.order_by(Run.id).with_for_update())).all()


async def changed_frames(session: AsyncSession, action_id: UUID) -> bool:
    """Whether an action changed any frame."""
    return bool(await session.scalar(select(exists().where(FrameChange.action_id == action_id))))
