"""The first task of a video, opened before anything is annotated in it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.projects.service import require_project
from backend.tables import Task, Video
from backend.tables.states import TaskKind
from backend.videos import queries


async def open_first_tasks(
    session: AsyncSession, videos: Sequence[Video], *, anew: bool = False, priority: int = 0
) -> None:
    """Open a first task for each of these videos that never had one; with `anew`, for all of them."""
    had = set[UUID]() if anew else await queries.videos_with_task(session, [video.id for video in videos])
    for video in videos:
        if video.id in had:
            continue
        project = await require_project(session, video.project_id)
        kind = TaskKind.select if project.select_first else TaskKind.annotate
        session.add(Task(video_id=video.id, kind=kind, phase=project.phase, priority=priority, epoch=0))
