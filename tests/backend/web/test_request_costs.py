"""What the requests of a working day ask of Postgres. One more statement is a choice, and not an accident."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from backend.db.engine import Sessions
from backend.settings import Settings
from tests.backend.running import RunningBackend, running_backend
from tests.backend.statements import counted_asking
from tests.bench.load_people import Answers, LoadPerson
from tests.bench.load_site import make_places


@pytest.fixture
async def site(database_url: str, data_dir: Path) -> AsyncIterator[RunningBackend]:
    settings = Settings(
        database_url=database_url, data_dir=data_dir, model_url="http://127.0.0.1:1", sign_in="accounts"
    )
    async with running_backend(settings) as running:
        yield running


@pytest.fixture
async def annotator(site: RunningBackend, sessions: Sessions) -> AsyncIterator[LoadPerson]:
    """One with an account, a video and an object, whose browser has done a little of everything."""
    (place,) = await make_places(sessions, site.url, 1)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
        person = LoadPerson(client, site.url, place, Answers())
        for kind in ("changes", "brush", "activity", "changes"):
            await person.act(kind)
        yield person


@pytest.mark.parametrize(
    ("kind", "num_statements", "num_round_trips"),
    [
        ("brush", 4, 6),  # who it is, both locks, what the turn checks, all rows
        ("activity", 2, 2),
        ("me", 2, 2),
        ("changes", 4, 4),  # who it is, the video, the person's next steps, what forbids the one to undo
    ],
)
async def test_a_request_asks_no_more_than_it_needs(
    annotator: LoadPerson, kind: str, num_statements: int, num_round_trips: int
) -> None:
    with counted_asking() as asked:
        await annotator.act(kind)
    assert annotator.answers.errors == []
    assert len(asked.statements) == num_statements, asked.statements
    assert len(asked.round_trips) == num_round_trips, asked.round_trips


async def test_changes_that_came_take_two_more_statements(annotator: LoadPerson) -> None:
    await annotator.act("brush")
    with counted_asking() as asked:
        await annotator.act("changes")
    assert (len(asked.statements), len(asked.round_trips)) == (6, 6), asked.round_trips  # frames, masklets


async def test_a_stroke_that_is_followed_is_read_by_three_statements(annotator: LoadPerson) -> None:
    async with asyncio.TaskGroup() as group:
        following = group.create_task(annotator.follow())
        await annotator.act("brush")
        await _until_heard(annotator, 1)
        await asyncio.sleep(0.1)
        with counted_asking() as asked:
            await annotator.act("brush")
            await _until_heard(annotator, 2)
            await asyncio.sleep(0.1)
        following.cancel()
    assert annotator.answers.errors == []
    assert (len(asked.statements), len(asked.round_trips)) == (4 + 3, 6 + 3), asked.round_trips


async def _until_heard(annotator: LoadPerson, number: int) -> None:
    for _ in range(1000):
        if annotator.answers.num_heard >= number:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the stroke was not heard of")
