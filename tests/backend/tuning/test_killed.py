"""A backend that is killed while it trains goes on where it was."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.settings import Settings
from model_server.models.catalogue.folder import Catalogue
from tests.backend.backend_process import BackendProcess
from tests.backend.model_process import ModelProcess
from tests.backend.tuning.conftest import Tunings, is_training, verify
from tests.backend.workplace import StoredVideo

NUM_STEPS = 40
SAVED_EVERY = 25


@pytest.fixture
def process(work_settings: Settings, model_process: ModelProcess) -> Iterator[BackendProcess]:
    process = BackendProcess(work_settings)
    process.start()
    yield process
    process.send(signal.SIGKILL)


@pytest.mark.long
async def test_a_killed_backend_goes_on_with_the_steps_that_were_saved(
    process: BackendProcess, work_settings: Settings, videos: list[StoredVideo], catalogue: Catalogue
) -> None:
    async with httpx.AsyncClient(base_url=process.url, timeout=30) as client:
        tunings = Tunings(client, videos[0].project_id)
        for video in videos:
            await verify(client, video)
        tuning_id = (await tunings.start("balls", NUM_STEPS)).json()["id"]
        told = await tunings.until(tuning_id, lambda told: is_training(told) and _steps(told) > SAVED_EVERY)
        folder = work_settings.tunings_dir / tuning_id
        process.send(signal.SIGKILL)
        trained, export = _rows(folder), _changed_at(folder)

        process.start()
        await tunings.until(tuning_id, lambda now: is_training(now) and _steps(now) > _steps(told))
        # Each row has the pace it was made at: trained again, none would be the same.
        assert _rows(folder) == trained
        assert _changed_at(folder) == export  # the data stayed what it was
        told = await tunings.ended(tuning_id)
        assert told["state"] == "done", told
        assert catalogue.find("balls").version == told["version"]


def _steps(told: dict[str, Any]) -> int:
    return int(told["progress"]["done"])


def _rows(folder: Path) -> list[str]:
    """What was reported of the steps that were saved, as it was written down."""
    rows = (folder / "run" / "losses.csv").read_text().splitlines()[1:]
    return [row for row in rows if int(row.split(",")[0]) <= SAVED_EVERY]


def _changed_at(folder: Path) -> list[tuple[str, int]]:
    return sorted((path.name, path.stat().st_mtime_ns) for path in folder.glob("verified/*/*_manual.json"))
