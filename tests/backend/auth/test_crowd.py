"""One person's many requests wait for each other, and nobody else for them."""

import asyncio
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest

from backend.auth import crowd as auth_crowd
from backend.auth.crowd import REQUESTS_PER_PERSON, Crowd
from backend.auth.problems import TooManyRequests

BUSY, QUIET = uuid4(), uuid4()


async def test_who_has_all_places_waits_for_one_and_others_do_not() -> None:
    crowd = Crowd()
    async with AsyncExitStack() as stack:
        for _ in range(REQUESTS_PER_PERSON):
            await stack.enter_async_context(crowd.place(BUSY))
        async with crowd.place(QUIET):
            pass
        more = asyncio.create_task(_visit(crowd))
        await asyncio.sleep(0.05)
        assert not more.done()
    await asyncio.wait_for(more, 1)


async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth_crowd, "_PATIENCE_SECONDS", 0.05)
    crowd = Crowd()
    async with AsyncExitStack() as stack:
        for _ in range(REQUESTS_PER_PERSON):
            await stack.enter_async_context(crowd.place(BUSY))
        with pytest.raises(TooManyRequests):
            await _visit(crowd)
    await _visit(crowd)


async def _visit(crowd: Crowd) -> None:
    async with crowd.place(BUSY):
        pass
