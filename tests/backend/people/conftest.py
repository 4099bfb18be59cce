"""A backend that people sign in to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.settings import Settings
from tests.backend.running import RunningBackend, running_backend


@pytest.fixture
async def site(database_url: str, data_dir: Path) -> AsyncIterator[RunningBackend]:
    """Accounts, and no model server. Its own client is signed in as nobody."""
    settings = Settings(
        database_url=database_url, data_dir=data_dir, model_url="http://127.0.0.1:1", sign_in="accounts"
    )
    async with running_backend(settings) as running:
        yield running
