"""A site for tests that send it anything."""

import signal
from collections.abc import Iterator

import pytest

from backend.settings import Settings
from tests.backend.backend_process import BackendProcess
from tests.backend.model_process import ModelProcess
from tests.conftest import new_database


@pytest.fixture(scope="package")
def site(
    postgres_url: str,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
    one_model_process: ModelProcess,
) -> Iterator[BackendProcess]:
    """Everything is allowed here, so that every request gets as far as it can. Each test makes what it asks about."""
    with new_database(postgres_url, template_database) as url:
        settings = Settings(database_url=url, data_dir=tmp_path_factory.mktemp("site"), model_url=one_model_process.url)
        process = BackendProcess(settings)
        process.start()
        yield process
        process.send(signal.SIGKILL)
