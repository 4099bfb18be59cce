"""An annotator who draws and says what objects are, which needs no model server."""

from pathlib import Path

import pytest

from backend.db.engine import Sessions
from backend.storage.objects import ObjectStore
from tests.backend.conftest import NUM_FRAMES
from tests.backend.running import RunningBackend
from tests.backend.workplace import Annotator, store_video


@pytest.fixture
async def idle_annotator(backend: RunningBackend, sessions: Sessions, proxy: Path) -> Annotator:
    store = ObjectStore(backend.settings.objects_dir)
    return Annotator(backend.client, await store_video(sessions, store, proxy, num_frames=NUM_FRAMES))
