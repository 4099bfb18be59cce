"""After somebody leaves nothing they hold works within five seconds, and nothing of others stops working."""

import pytest

from backend.db.engine import Sessions
from tests.backend.auth.comers import Walk
from tests.backend.running import RunningBackend
from tests.backend.workplace import StoredVideo


async def walk(site: RunningBackend, sessions: Sessions, stored: StoredVideo, *, seed: int, num_steps: int) -> Walk:
    comings = Walk(site, sessions, stored, seed)
    await comings.begin()
    try:
        for _ in range(num_steps):
            await comings.step()
        await comings.check()
    finally:
        await comings.end()
    return comings


@pytest.mark.parametrize("seed", [1, 2])
async def test_people_come_and_go(
    site: RunningBackend, sessions: Sessions, stored_video: StoredVideo, seed: int
) -> None:
    found = await walk(site, sessions, stored_video, seed=seed, num_steps=40)
    assert found.counts["allowed"] > 5
    assert found.counts["refused"] > 5


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 120))
async def test_people_come_and_go_for_long(
    site: RunningBackend, sessions: Sessions, stored_video: StoredVideo, seed: int
) -> None:
    await walk(site, sessions, stored_video, seed=seed, num_steps=150)
