"""Written logs sent through the real API under a clock of the test's own, and the seconds they come to, by hand."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import pytest

from backend.settings import Settings
from tests.backend.running import running_backend
from tests.backend.workplace import Annotator, StoredVideo

GOLDEN = Path(__file__).parent / "golden"
LOGS = sorted(path.stem for path in GOLDEN.glob("*.log"))
BEGIN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@dataclass
class SetClock:
    now: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Player:
    """Sends what a log says, when it says so."""

    annotator: Annotator
    clock: SetClock
    masklets: dict[str, str]
    zeros: dict[str, float] = field(default_factory=dict)
    tools: dict[str, str] = field(default_factory=dict)
    pending: list[dict[str, Any]] = field(default_factory=list)
    last: dict[str, Any] = field(default_factory=dict)

    async def play(self, line: str) -> None:
        match line.split():
            case ["clock", tab, at]:
                self.zeros[tab] = float(at)
            case ["send", tab, seconds, "at", at]:
                self.last = {"events": self.pending, "sent": self._stamp(tab, float(seconds))}
                self.pending = []
                await self._send(at)
            case ["again", "at", at]:
                await self._send(at)
            case [seconds, kind, tab, masklet, *age]:
                self.pending.append(self._event(float(seconds), kind, tab, masklet, age))

    async def _send(self, at: str) -> None:
        self.clock.now = BEGIN + timedelta(seconds=float(at))
        answer = await self.annotator.client.post("/api/activity", json=self.last)
        assert answer.status_code == 202, answer.text
        assert answer.json()["refused"] == 0

    def _event(self, seconds: float, kind: str, tab: str, masklet: str, age: list[str]) -> dict[str, Any]:
        if kind == "review":
            self.tools[tab] = "review"
        return {
            "event_id": str(uuid4()),
            "video_id": str(self.annotator.video.video_id),
            "masklet_id": self.masklets.get(masklet),
            "phase": "sam2",
            "tool": self.tools.get(tab, "point"),
            "kind": "play" if kind == "review" else kind,
            "payload": {"had_input": True, "input_age_ms": float(age[0]) * 1000} if age else {},
        } | self._stamp(tab, seconds)

    def _stamp(self, tab: str, seconds: float) -> dict[str, Any]:
        return {
            "session_id": str(uuid5(NAMESPACE_URL, tab)),
            "client_monotonic_ms": seconds * 1000,
            "client_time": (BEGIN + timedelta(seconds=self.zeros.get(tab, 0.0) + seconds)).isoformat(),
        }


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def timed(work_settings: Settings, stored_video: StoredVideo, clock: SetClock) -> AsyncIterator[Annotator]:
    async with running_backend(work_settings, clock=clock) as running:
        yield Annotator(running.client, stored_video)


@pytest.mark.parametrize("name", LOGS)
async def test_a_log_comes_to_the_seconds_written_beside_it(name: str, timed: Annotator, clock: SetClock) -> None:
    log, _, expected_text = (GOLDEN / f"{name}.log").read_text().partition("---\n")
    masklets = {label: await timed.create_masklet() for label in ("cup", "dog")}
    player = Player(timed, clock, masklets)
    for line in log.splitlines():
        if not line.startswith("#"):
            await player.play(line)
    timing = (await timed.client.get(f"/api/videos/{timed.video.video_id}/timing")).json()
    rows = {row["masklet_id"]: row for row in timing["masklets"]}
    expected = json.loads(expected_text)
    found = {key: timing[key] for key in expected if key.endswith("_seconds")}
    found["at_idle"] = {f"{row['idle_seconds']:.0f}": row["annotation_seconds"] for row in timing["at_idle"]}
    found["gaps"] = [round(gap["seconds"], 1) for gap in timing["gaps"]]
    for label in masklets.keys() & expected.keys():
        row = rows[masklets[label]]
        found[label] = {part: row[f"{part}_seconds"] for part in ("active", "waiting", "reviewing", "shared")}
    assert found == expected
