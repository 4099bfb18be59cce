"""`maskloom up` with two backends on one port: they are one to those who call, also when one of them dies."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import psutil
import pytest

from backend.db.engine import make_engine, make_sessions
from tests.bench.load_people import Answers, LoadPerson
from tests.bench.load_site import make_places
from tests.processes import processes_below
from tests.running import RunningMaskloom

pytestmark = pytest.mark.timeout(600)


def backends(maskloom: RunningMaskloom) -> list[psutil.Process]:
    assert maskloom.process is not None
    return processes_below(maskloom.process.pid, "backend.app:create_app")


def _num_connections(process: psutil.Process, maskloom: RunningMaskloom) -> int:
    connections = process.net_connections("tcp")
    return sum(each.laddr.port == maskloom.port and each.status == psutil.CONN_ESTABLISHED for each in connections)


@contextmanager
def _alone(process: psutil.Process, processes: list[psutil.Process]) -> Iterator[None]:
    """Only this one takes up connections: otherwise it is chance which one does."""
    others = [each for each in processes if each != process]
    for each in others:
        each.suspend()
    try:
        yield
    finally:
        for each in others:
            each.resume()


@pytest.mark.long
async def test_two_backends_pass_changes_on_and_stand_in_for_each_other(tmp_path: Path, mini_weights: Path) -> None:
    maskloom = RunningMaskloom(tmp_path / "data", sign_in="accounts", backends=2, model=mini_weights)
    await asyncio.to_thread(maskloom.start)
    try:
        assert len(backends(maskloom)) == 2
        engine = make_engine(maskloom.database_url())
        (place,) = await make_places(make_sessions(engine), maskloom.url, 1)
        await engine.dispose()
        answers = Answers()
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
            person = LoadPerson(client, maskloom.url, place, answers)
            streams: list[asyncio.Task[None]] = []
            for process in backends(maskloom):
                with _alone(process, backends(maskloom)):
                    streams += [asyncio.create_task(person.follow()) for _ in range(6)]
                    await _until(lambda process=process: _num_connections(process, maskloom) >= 6)
            await asyncio.sleep(2)
            assert [_num_connections(process, maskloom) for process in backends(maskloom)] == [6, 6]
            await person.act("brush")
            await _until(lambda: answers.num_heard >= 12)
            for stream in streams:
                stream.cancel()
            await asyncio.gather(*streams, return_exceptions=True)
        backends(maskloom)[0].kill()
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
            survivor = LoadPerson(client, maskloom.url, place, answers)
            await survivor.act("changes")
            for _ in range(20):
                await survivor.act("brush")
        assert answers.errors == []
        await _until(lambda: len(backends(maskloom)) == 2)
    finally:
        await asyncio.to_thread(maskloom.stop)


async def _until(holds: object, seconds: float = 20.0) -> None:
    assert callable(holds)
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.05)
