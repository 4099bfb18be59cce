"""A backend that people sign in to."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from backend.people.sign_in import passwords
from backend.settings import Settings
from tests.backend.running import RunningBackend, running_backend

AS_SHIPPED = passwords._hasher


@pytest.fixture(autouse=True, scope="package")
def _cheap_passwords() -> Iterator[None]:
    """The same algorithm at its least: hundreds of guesses are made here, and each would take a fifth of a second."""
    passwords._hasher = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    passwords._nobodys.cache_clear()
    yield
    passwords._hasher = AS_SHIPPED
    passwords._nobodys.cache_clear()


@pytest.fixture
async def site(database_url: str, data_dir: Path) -> AsyncIterator[RunningBackend]:
    """Accounts, and no model server. Its own client is signed in as nobody."""
    settings = Settings(
        database_url=database_url, data_dir=data_dir, model_url="http://127.0.0.1:1", sign_in="accounts"
    )
    async with running_backend(settings) as running:
        yield running
