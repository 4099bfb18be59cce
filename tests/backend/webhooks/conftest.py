"""A receiver of webhooks, and backends that may reach it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.settings import Settings
from backend.webhooks import courier
from tests.backend.running import RunningBackend, running_backend
from tests.backend.webhooks.receiver import Receiver, receiving


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "LOOK_SECONDS", 0.05)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
def work_settings(work_settings: Settings) -> Settings:
    return work_settings.model_copy(update={"webhook_networks": "127.0.0.1"})


@pytest.fixture
async def site(database_url: str, data_dir: Path) -> AsyncIterator[RunningBackend]:
    """Accounts, and no model server."""
    settings = Settings(
        database_url=database_url,
        data_dir=data_dir,
        model_url="http://127.0.0.1:1",
        sign_in="accounts",
        webhook_networks="127.0.0.1",
    )
    async with running_backend(settings) as running:
        yield running
