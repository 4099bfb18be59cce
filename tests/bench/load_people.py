"""Simulated annotators for the load bench: what their browsers send, and how long the answers take."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from typing import Any
from uuid import uuid4

import aiohttp

from tests.bench.load_site import NUM_FRAMES, Place, strokes

SHARES = {"brush": 14, "activity": 3, "changes": 2, "me": 1}
"""Of twenty requests: work is saved most often, the log is sent every few seconds, changes are read after a pause."""

_STROKES = strokes(24)
_PATIENCE = aiohttp.ClientTimeout(total=60)


@dataclass
class Answers:
    """Seconds by kind of request, and what went wrong."""

    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    num_heard: int = 0  # changes that came over streams

    @property
    def all_seconds(self) -> list[float]:
        return sorted(second for kind in self.seconds.values() for second in kind)


class LoadPerson:
    """One browser: a stream that stays open, and an action now and then."""

    def __init__(self, client: aiohttp.ClientSession, url: str, place: Place, answers: Answers) -> None:
        self._client = client
        self._url = url
        self._place = place
        self.answers = answers
        self._version = 1
        self._seq = 0
        self._tab = str(uuid4())
        self._masks = cycle(_STROKES)
        self._frames = cycle(range(NUM_FRAMES))
        self._kinds: dict[str, Callable[[], Awaitable[None]]] = {
            "brush": self.brush,
            "activity": self.activity,
            "changes": self.changes,
            "me": self.me,
            "health": self.health,
        }

    async def work(self, until: float, chance: random.Random) -> None:
        """One action a second from a random moment on; a slow answer delays the next one, as it does a person."""
        due = time.monotonic() + chance.random()
        kinds, weights = list(SHARES), list(SHARES.values())
        while due < until:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await self.act(chance.choices(kinds, weights)[0])
            due = max(due + 1.0, time.monotonic())

    async def act(self, kind: str) -> None:
        started = time.perf_counter()
        try:
            await self._kinds[kind]()
        except (aiohttp.ClientError, TimeoutError, AssertionError) as error:
            self.answers.errors.append(f"{kind}: {error!r}")
            return
        self.answers.seconds[kind].append(time.perf_counter() - started)

    async def follow(self) -> None:
        """Listen to the video's changes for ever."""
        path = f"/api/videos/{self._place.video_id}/events?after={self._seq}"
        async with self._client.get(
            self._url + path, headers=self._place.headers, timeout=aiohttp.ClientTimeout(total=None)
        ) as answer:
            assert answer.status == 200, answer.status
            async for line in answer.content:
                self.answers.num_heard += line.startswith(b"event: changes")

    async def brush(self) -> None:
        path = f"/masklets/{self._place.masklet_id}/frames/{next(self._frames)}/mask"
        headers = {"Idempotency-Key": str(uuid4()), "If-Match": f'"{self._version}"'}
        body = {"mask": next(self._masks), "tool": "brush"}
        answer = await self._send("PUT", path, headers, body)
        self._version = answer["masklet"]["version"]

    async def activity(self) -> None:
        moment = {
            "session_id": self._tab,
            "client_monotonic_ms": time.monotonic() * 1e3,
            "client_time": datetime.now(UTC).isoformat(),
        }
        place = {"video_id": str(self._place.video_id), "masklet_id": str(self._place.masklet_id), "frame_index": 3}
        what = {"phase": "sam2", "tool": "brush", "kind": "heartbeat", "payload": {"had_input": True}}
        events = [{"event_id": str(uuid4()), **moment, **place, **what} for _ in range(3)]
        await self._send("POST", "/activity", {}, {"events": events, "sent": moment})

    async def changes(self) -> None:
        answer = await self._send("GET", f"/videos/{self._place.video_id}/changes?after={self._seq}", {}, None)
        self._seq = answer["seq"]
        self._version = max([self._version, *(masklet["version"] for masklet in answer["masklets"])])

    async def me(self) -> None:
        await self._send("GET", "/me", {}, None)

    async def health(self) -> None:
        await self._send("GET", "/health", {}, None)

    async def _send(self, method: str, path: str, headers: dict[str, str], body: Any) -> Any:
        async with self._client.request(
            method, f"{self._url}/api{path}", json=body, headers=self._place.headers | headers, timeout=_PATIENCE
        ) as answer:
            assert answer.status < 400, f"{answer.status} {(await answer.text())[:200]}"
            return await answer.json()
