"""A backend with accounts, and a video in a project of the machine's owner. None of it needs a model server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.settings import Settings
from tests.backend.running import RunningBackend, running_backend


@pytest.fixture
def work_settings(database_url: str, data_dir: Path) -> Settings:
    return Settings(database_url=database_url, data_dir=data_dir, model_url="http://127.0.0.1:1", sign_in="accounts")


@pytest.fixture
async def site(work_settings: Settings) -> AsyncIterator[RunningBackend]:
    """Its own client is signed in as nobody."""
    async with running_backend(work_settings) as running:
        yield running
