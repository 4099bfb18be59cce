"""Queries for the tasks that somebody holds."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.tables import Task, User
from backend.tables.states import TaskState


async def held_tasks(session: AsyncSession, video_id: UUID) -> Sequence[tuple[Task, bool]]:
    """A video's claimed tasks, each with whether its lease is live, locked so that nobody claims them meanwhile."""
    held = (
        select(Task, Task.lease_until > func.clock_timestamp())
        .where(Task.video_id == video_id, Task.state == TaskState.claimed)
        .with_for_update(of=Task, read=True)
        .execution_options(populate_existing=True)
    )
    return [(task, live) for task, live in await session.execute(held.order_by(Task.id))]


async def user_name(session: AsyncSession, user_id: UUID | None) -> str | None:
    return await session.scalar(select(User.name).where(User.id == user_id))
