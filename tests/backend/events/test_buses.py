"""What every doorbell must do, in one process and over a real Redis."""

import asyncio
from uuid import uuid4

from sqlalchemy import text

from backend.db.engine import Sessions
from backend.events.announcement import announce, ring_after_commits
from backend.events.bus import EventBus

CUP, DOG = uuid4(), uuid4()


async def test_a_new_listener_is_rung_once_so_that_it_looks_at_what_came_before(bus: EventBus) -> None:
    async with bus.listen(CUP) as bell:
        assert await bell.wait(0)
        assert not await bell.wait(0.01)


async def test_a_ring_reaches_every_listener_of_the_video_and_no_other(bus: EventBus) -> None:
    async with bus.listen(CUP) as one, bus.listen(CUP) as other, bus.listen(DOG) as foreign:
        for bell in (one, other, foreign):
            await bell.wait(0)
        bus.ring(CUP)
        assert [await bell.wait(0.01) for bell in (one, other, foreign)] == [True, True, False]


async def test_many_rings_before_anybody_looks_are_one(bus: EventBus) -> None:
    async with bus.listen(CUP) as bell:
        await bell.wait(0)
        for _ in range(5):
            bus.ring(CUP)
        assert await bell.wait(0.01)
        assert not await bell.wait(0.1)


async def test_closing_wakes_everybody_who_waits(bus: EventBus) -> None:
    async with bus.listen(CUP) as bell:
        await bell.wait(0)
        asyncio.get_running_loop().call_later(0.01, bus.close)
        assert await bell.wait(5)
        assert bus.closed


async def test_a_commit_rings_and_a_rollback_does_not(bus: EventBus, sessions: Sessions) -> None:
    ring_after_commits(sessions, bus)
    async with bus.listen(CUP) as bell:
        await bell.wait(0)
        async with sessions() as session:
            await session.execute(text("SELECT 1"))
            announce(session, CUP)
            await session.rollback()
            assert not await bell.wait(0.01)
        async with sessions.begin() as session:
            await session.execute(text("SELECT 1"))
            announce(session, CUP)
            assert not await bell.wait(0.01)
        assert await bell.wait(0.01)
