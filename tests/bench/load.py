"""`python -m tests.bench.load`: how many people one machine serves, and what each kind of request costs.

Annotators with accounts do one action a second each, with their streams open, against a Maskloom as `maskloom up` runs
it. Prints Markdown. The annotators need a part of the machine too, which the figures include.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil

from backend.db.engine import make_engine, make_sessions
from tests.bench.load_people import Answers, LoadPerson
from tests.bench.load_site import Place, make_places
from tests.processes import processes_below
from tests.running import COMMAND_WORDS, Part, RunningMaskloom

_COUNTED = ("brush", "changes", "activity", "me", "health")
_LISTENERS = (0, 10, 100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", default="10,25,50,100", help="how many at once, one round after the other")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each round takes")
    parser.add_argument("--backends", type=int, default=0, help="0: as many as `maskloom up` runs here")
    parser.add_argument("--requests", type=int, default=200, help="of each kind, to measure processor time")
    arguments = parser.parse_args()
    rounds = [int(count) for count in arguments.people.split(",") if count]
    with tempfile.TemporaryDirectory() as folder:
        maskloom = RunningMaskloom(Path(folder) / "data", sign_in="accounts", backends=arguments.backends)
        maskloom.start()
        try:
            asyncio.run(report(maskloom, rounds, arguments.seconds, arguments.requests))
        finally:
            maskloom.stop()


async def report(maskloom: RunningMaskloom, rounds: Sequence[int], seconds: float, num_requests: int) -> None:
    """Measure and print everything."""
    async with _site(maskloom, max([*rounds, max(_LISTENERS)]) + 1) as site:
        if num_requests:
            print("\n| processor time of one | backend | Postgres | answered in |\n|---|---|---|---|")
            print(await _cost_of_waiting(site), flush=True)
            for kind in _COUNTED:
                print(await _cost_of(site, kind, num_requests), flush=True)
            for count in _LISTENERS:
                print(await _cost_with_listeners(site, count), flush=True)
        print("\n| people | p50 | p95 | p99 | served/s | errors | heard/s | backend | Postgres | people's own |")
        print("|---|---|---|---|---|---|---|---|---|---|")
        for count in rounds:
            print(await _round(site, count, seconds), flush=True)


@dataclass
class Site:
    """A running Maskloom, its people, and what their browsers share."""

    maskloom: RunningMaskloom
    places: list[Place]
    client: aiohttp.ClientSession

    def person(self, number: int, answers: Answers) -> LoadPerson:
        return LoadPerson(self.client, self.maskloom.url, self.places[number], answers)

    def processor_seconds(self, part: Part) -> float:
        """Of all processes of a part since they started."""
        assert self.maskloom.process is not None
        total = 0.0
        for child in processes_below(self.maskloom.process.pid, COMMAND_WORDS[part]):
            with suppress(psutil.NoSuchProcess):
                times = child.cpu_times()
                total += times.user + times.system
        return total


@asynccontextmanager
async def _site(maskloom: RunningMaskloom, num_people: int) -> AsyncIterator[Site]:
    engine = make_engine(maskloom.database_url())
    places = await make_places(make_sessions(engine), maskloom.url, num_people)
    await engine.dispose()
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as client:
        yield Site(maskloom, places, client)


@dataclass
class Meter:
    """Processor seconds of both parts, since it was made."""

    site: Site

    def __post_init__(self) -> None:
        self._before = self._now()

    def spent(self) -> tuple[float, float]:
        """Backend and Postgres."""
        return self._now()[0] - self._before[0], self._now()[1] - self._before[1]

    def _now(self) -> tuple[float, float]:
        return self.site.processor_seconds("backend"), self.site.processor_seconds("postgres")


async def _cost_of_waiting(site: Site, seconds: float = 10.0) -> str:
    """Of all backends together, in a second without a request. It is part of what costs are measured over time."""
    await asyncio.sleep(5)  # after the start
    meter = Meter(site)
    await asyncio.sleep(seconds)
    backend, postgres = meter.spent()
    return f"| second without a request | {1e3 * backend / seconds:.1f} ms | {1e3 * postgres / seconds:.1f} ms | |"


async def _cost_of(site: Site, kind: str, count: int) -> str:
    answers = Answers()
    person = site.person(0, answers)
    await person.act("changes")
    for _ in range(20):
        await person.act(kind)
    answers.seconds.clear()
    meter = Meter(site)
    for _ in range(count):
        await person.act(kind)
    backend, postgres = meter.spent()
    assert not answers.errors, answers.errors[:3]
    middle = statistics.median(answers.all_seconds)
    return f"| {kind} | {1e3 * backend / count:.1f} ms | {1e3 * postgres / count:.1f} ms | {1e3 * middle:.1f} ms |"


async def _cost_with_listeners(site: Site, count: int, writes: int = 30) -> str:
    """Of a brush write to a video that others follow."""
    answers = Answers()
    person = site.person(0, answers)
    await person.act("changes")
    listeners = [asyncio.create_task(person.follow()) for _ in range(count)]
    await asyncio.sleep(0.5 + 0.02 * count)
    answers.seconds.clear()
    meter = Meter(site)
    for _ in range(writes):
        await person.act("brush")
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.5 + 0.02 * count)
    backend, postgres = meter.spent()
    for listener in listeners:
        listener.cancel()
    await asyncio.gather(*listeners, return_exceptions=True)
    await asyncio.sleep(0.3)
    assert not answers.errors, answers.errors[:3]
    middle = statistics.median(answers.all_seconds)
    name = f"brush write with {count} listeners"
    return f"| {name} | {1e3 * backend / writes:.1f} ms | {1e3 * postgres / writes:.1f} ms | {1e3 * middle:.1f} ms |"


async def _round(site: Site, count: int, seconds: float) -> str:
    answers, chance = Answers(), random.Random(count)
    people = [site.person(number, answers) for number in range(count)]
    await asyncio.gather(*(person.act("changes") for person in people))  # to learn where everybody is
    answers.seconds.clear()
    streams = [asyncio.create_task(person.follow()) for person in people]
    await asyncio.sleep(1 + 0.01 * count)
    meter, own, started = Meter(site), time.process_time(), time.monotonic()
    await asyncio.gather(*(person.work(started + seconds, chance) for person in people))
    took = time.monotonic() - started
    backend, postgres = meter.spent()
    for stream in streams:
        stream.cancel()
    await asyncio.gather(*streams, return_exceptions=True)
    if answers.errors:
        print(f"<!-- {answers.errors[:3]} -->")
    times = answers.all_seconds
    shares = " | ".join(f"{part / took:.0%}" for part in (backend, postgres, time.process_time() - own))
    percentiles = " | ".join(f"{1e3 * times[int(share * (len(times) - 1))]:.0f} ms" for share in (0.5, 0.95, 0.99))
    heard = f"{answers.num_heard / took:.0f}"
    return f"| {count} | {percentiles} | {len(times) / took:.1f} | {len(answers.errors)} | {heard} | {shares} |"


if __name__ == "__main__":
    sys.exit(main())
