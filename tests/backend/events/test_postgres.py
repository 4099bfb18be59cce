"""Rings between backends that share nothing but their Postgres."""

from uuid import uuid4

import psycopg

from backend.db.engine import libpq_url
from tests.backend.events.conftest import connected_bus, until
from tests.backend.events.test_buses import CUP, DOG


async def test_a_ring_reaches_the_other_backend_and_not_its_other_videos(database_url: str) -> None:
    async with (
        connected_bus("", database_url) as here,
        connected_bus("", database_url) as there,
        there.listen(CUP) as bell,
        there.listen(DOG) as foreign,
    ):
        await bell.wait(0)
        await foreign.wait(0)
        here.ring(CUP)
        assert await bell.wait(5)
        assert not await foreign.wait(0.1)


async def test_more_rings_than_fit_one_notification_all_arrive(database_url: str) -> None:
    videos = [uuid4() for _ in range(450)]
    async with (
        connected_bus("", database_url) as here,
        connected_bus("", database_url) as there,
        there.listen(videos[0]) as first,
        there.listen(videos[-1]) as last,
    ):
        await first.wait(0)
        await last.wait(0)
        for video_id in videos:
            here.ring(video_id)
        assert await first.wait(5)
        assert await last.wait(5)


async def test_lost_connections_are_made_again_and_listeners_look_meanwhile(database_url: str) -> None:
    async with (
        connected_bus("", database_url) as here,
        connected_bus("", database_url) as there,
        there.listen(CUP) as bell,
    ):
        await bell.wait(0)
        with psycopg.connect(libpq_url(database_url), autocommit=True) as connection:
            others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            connection.execute(f"SELECT pg_terminate_backend(pid) {others}".encode())
        assert await bell.wait(5)  # nobody rang: what was missed meanwhile would be seen
        await until(lambda: there.problem is None)
        await bell.wait(0.5)
        here.ring(CUP)
        assert await bell.wait(5)


async def test_strange_words_on_the_channel_are_ignored(database_url: str) -> None:
    async with (
        connected_bus("", database_url) as here,
        connected_bus("", database_url) as there,
        there.listen(CUP) as bell,
    ):
        await bell.wait(0)
        with psycopg.connect(libpq_url(database_url), autocommit=True) as connection:
            for words in ("", "x", "someone not-a-uuid"):
                connection.execute("SELECT pg_notify('maskloom_changed_videos', %s)", (words,))
        assert not await bell.wait(0.2)
        here.ring(CUP)
        assert await bell.wait(5)
