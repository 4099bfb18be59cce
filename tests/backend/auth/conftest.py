"""A backend with accounts, and a video in a project of the machine's owner."""

from collections.abc import AsyncIterator

import pytest

from backend.settings import Settings
from tests.backend.running import RunningBackend, running_backend


@pytest.fixture
async def site(work_settings: Settings) -> AsyncIterator[RunningBackend]:
    """Its own client is signed in as nobody."""
    async with running_backend(work_settings.model_copy(update={"sign_in": "accounts"})) as running:
        yield running
