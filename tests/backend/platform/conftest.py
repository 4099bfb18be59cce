"""A site for tests that send it anything."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.settings import Settings
from tests.backend.backend_process import BackendProcess
from tests.backend.model_process import ModelProcess


@pytest.fixture
def site(database_url: str, data_dir: Path, model_process: ModelProcess) -> Iterator[BackendProcess]:
    """Everything is allowed here, so that every request gets as far as it can."""
    process = BackendProcess(Settings(database_url=database_url, data_dir=data_dir, model_url=model_process.url))
    process.start()
    yield process
    assert process.process is not None
    process.process.kill()
    process.process.wait()
