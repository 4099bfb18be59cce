"""A crew of signed-in people around one stored video."""

from collections.abc import AsyncIterator

import pytest

from backend.db.engine import Sessions
from backend.tables import Task
from backend.tables.states import Phase, TaskKind
from tests.backend.running import RunningBackend
from tests.backend.tasks.crew import Crew, crew_at
from tests.backend.workplace import StoredVideo


@pytest.fixture
async def crew(workplace: RunningBackend, sessions: Sessions, stored_video: StoredVideo) -> AsyncIterator[Crew]:
    """Three people, and a video with its first task."""
    async with sessions.begin() as session:
        session.add(Task(video_id=stored_video.video_id, kind=TaskKind.annotate, phase=Phase.sam2, epoch=0))
    async with crew_at(workplace, sessions, stored_video) as people:
        yield people
