"""A backend with a real model server and a video to work on."""

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from backend.db.engine import Sessions
from backend.settings import Settings
from backend.storage.objects import ObjectStore
from tests.backend.gate import Gate, gate_to
from tests.backend.model_process import ModelProcess
from tests.backend.running import RunningBackend, running_backend
from tests.backend.workplace import Annotator, StoredVideo, store_video
from tests.mini_weights import write_mini_weights
from tests.model_server.video.proxies import write_proxy

NUM_FRAMES = 40


@pytest.fixture(scope="session")
def shared_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the model server: every test's own lies inside."""
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="session")
def mini_weights(shared_dir: Path) -> Path:
    return write_mini_weights(shared_dir / "mini.safetensors")


@pytest.fixture(scope="session")
def one_model_process(shared_dir: Path, mini_weights: Path) -> Iterator[ModelProcess]:
    process = ModelProcess(shared_dir, mini_weights)
    process.start()
    yield process
    process.kill()


@pytest.fixture
def model_process(one_model_process: ModelProcess) -> ModelProcess:
    """A model server that answers, whatever the test before did to it."""
    one_model_process.ensure_running()
    return one_model_process


@pytest.fixture(scope="session")
def proxy(shared_dir: Path) -> Path:
    return write_proxy(shared_dir / "proxy.mp4", NUM_FRAMES)


@pytest.fixture
def work_settings(shared_dir: Path, database_url: str, one_model_process: ModelProcess) -> Settings:
    folder = shared_dir / uuid4().hex
    folder.mkdir()
    model_server = {"model_url": one_model_process.url, "model_data_dir": str(shared_dir)}
    return Settings(database_url=database_url, data_dir=folder, **model_server)


@pytest.fixture
async def stored_video(sessions: Sessions, work_settings: Settings, proxy: Path) -> StoredVideo:
    """40 drawn frames, annotated every fourth."""
    return await store_video(sessions, ObjectStore(work_settings.objects_dir), proxy, num_frames=NUM_FRAMES)


@pytest.fixture
async def workplace(work_settings: Settings, model_process: ModelProcess) -> AsyncIterator[RunningBackend]:
    """A backend in the test's own process, with a real model server."""
    async with running_backend(work_settings) as running:
        yield running


@pytest.fixture
async def gate(model_process: ModelProcess) -> AsyncIterator[Gate]:
    """The way to the model server; shut it to lose the connection."""
    async with gate_to(model_process.port) as gate:
        yield gate


@pytest.fixture
async def gated(work_settings: Settings, gate: Gate, stored_video: StoredVideo) -> AsyncIterator[Annotator]:
    """An annotator whose backend reaches the model server through the gate."""
    async with running_backend(work_settings.model_copy(update={"model_url": gate.url})) as running:
        yield Annotator(running.client, stored_video)


@pytest.fixture
def annotator(workplace: RunningBackend, stored_video: StoredVideo) -> Annotator:
    return Annotator(workplace.client, stored_video)


@pytest.fixture(autouse=True, scope="session")
def _quiet_client() -> None:
    """A line per request would bury what a failed test has to say."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
