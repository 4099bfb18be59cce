"""A backend that is killed while it trains goes on where it was."""

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from backend.settings import Settings
from model_server.models.catalogue.folder import Catalogue
from tests.backend.backend_process import BackendProcess
from tests.backend.model_process import ModelProcess
from tests.backend.tuning.conftest import Tunings, is_training, verify
from tests.backend.workplace import StoredVideo

NUM_STEPS = 60
SAVED_EVERY = 25


@pytest.fixture
def process(work_settings: Settings, model_process: ModelProcess) -> Iterator[BackendProcess]:
    process = BackendProcess(work_settings)
    process.start()
    yield process
    process.send(signal.SIGKILL)


async def test_a_killed_backend_goes_on_with_the_steps_that_were_saved(
    process: BackendProcess, work_settings: Settings, videos: list[StoredVideo], catalogue: Catalogue
) -> None:
    async with httpx.AsyncClient(base_url=process.url, timeout=30) as client:
        tunings = Tunings(client, videos[0].project_id)
        for video in videos:
            await verify(client, video)
        tuning_id = (await tunings.start("balls", NUM_STEPS)).json()["id"]
        await tunings.until(tuning_id, lambda told: is_training(told) and told["progress"]["done"] > SAVED_EVERY)
        run = work_settings.tunings_dir / tuning_id / "run"
        process.send(signal.SIGKILL)
        export = _changed_at(run.parent)

        process.start()
        first = await tunings.until(tuning_id, lambda told: is_training(told) or told["state"] == "done")
        assert first["state"] == "done" or first["progress"]["done"] > SAVED_EVERY
        assert first["state"] == "done" or _changed_at(run.parent) == export  # the data stayed what it was
        told = await tunings.ended(tuning_id)
        assert told["state"] == "done", told
        assert catalogue.find("balls").version == told["version"]


def _changed_at(folder: Path) -> list[tuple[str, int]]:
    return sorted((path.name, path.stat().st_mtime_ns) for path in folder.glob("verified/*/*_manual.json"))
