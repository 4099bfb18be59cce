"""A small project whose masklets a simulated person has clicked, corrected and verified."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import numpy as np
import pytest

from backend.db.engine import Sessions
from backend.settings import Settings
from backend.storage.objects import ObjectStore
from backend.tables import Video
from model_server.evaluation.clicks import first_click, next_click
from model_server.masks import rle
from model_server.models.catalogue.folder import Catalogue
from tests.backend.workplace import Annotator, StoredVideo, click, store_video
from tests.clips import HEIGHT, WIDTH, draw_frame
from tests.model_server.video.proxies import write_proxy

SECONDS = 120
STRIDE = 4
LENGTHS = (16, 12)  # frames of the two videos
ENDED = ("done", "cancelled", "failed")


@pytest.fixture(scope="session")
def proxies(shared_dir: Path) -> list[Path]:
    """Two videos that differ."""
    return [write_proxy(shared_dir / f"short{length}.mp4", length) for length in LENGTHS]


@pytest.fixture
def catalogue(shared_dir: Path) -> Iterator[Catalogue]:
    """The model server's; empty again after the test."""
    catalogue = Catalogue(shared_dir / "models")
    yield catalogue
    for entry in catalogue.entries():
        catalogue.remove(entry.name)


@pytest.fixture
async def videos(sessions: Sessions, work_settings: Settings, proxies: list[Path]) -> list[StoredVideo]:
    """Two videos of one project."""
    store = ObjectStore(work_settings.objects_dir)
    stored = [
        await store_video(sessions, store, proxy, num_frames=length, stride=STRIDE)
        for proxy, length in zip(proxies, LENGTHS, strict=True)
    ]
    async with sessions.begin() as session:
        second = await session.get_one(Video, stored[1].video_id)
        second.project_id = stored[0].project_id
    return [StoredVideo(stored[0].project_id, video.video_id, video.num_frames) for video in stored]


async def verify(client: httpx.AsyncClient, video: StoredVideo) -> str:
    """Click, click where it is wrong, correct the rest by hand, and call it satisfactory; the version that answered."""
    annotator = Annotator(client, video)
    masklet = await annotator.create_masklet()
    truth = draw_frame(0).truth
    clicks = [_sent(first_click(truth))]
    answer = await annotator.prompt(masklet, 0, *clicks)
    correction = next_click(truth, _mask(answer.json()))
    if correction is not None:
        answer = await annotator.prompt(masklet, 0, *clicks, _sent(correction))
    version = answer.json()["frame"]["mask"]["model_version"]
    for frame in range(0, video.num_frames, STRIDE):
        drawn = await annotator.draw(masklet, frame, draw_frame(frame).truth)
        assert drawn.status_code == 200, drawn.text
    verdict = await annotator.verdict(masklet, "satisfactory")
    assert verdict.is_success, verdict.text
    return str(version)


async def click_once(client: httpx.AsyncClient, video: StoredVideo) -> str:
    """The version that answers a click now."""
    annotator = Annotator(client, video)
    answer = await annotator.prompt(await annotator.create_masklet(), 8, click(120, 150))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["frame"]["mask"]["model_version"])


@dataclass
class Tunings:
    """The tunings of one project, as a browser asks for them."""

    client: httpx.AsyncClient
    project_id: UUID

    async def plan(self) -> dict[str, Any]:
        answer = await self.client.get(f"/api/projects/{self.project_id}/tuning-plan")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def start(self, name: str, num_steps: int, *, key: UUID | None = None) -> httpx.Response:
        return await self.client.post(
            f"/api/projects/{self.project_id}/tunings",
            json={"name": name, "num_steps": num_steps},
            headers={"Idempotency-Key": str(key or uuid4())},
        )

    async def until(self, tuning_id: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            told = (await self.client.get(f"/api/tunings/{tuning_id}")).json()
            if holds(told):
                return dict(told)
            await asyncio.sleep(0.1)
        raise AssertionError(f"waited in vain: {told}")

    async def ended(self, tuning_id: str) -> dict[str, Any]:
        return await self.until(tuning_id, lambda told: told["state"] in ENDED)

    async def decide(self, tuning_id: str, decision: str) -> httpx.Response:
        return await self.client.put(f"/api/tunings/{tuning_id}/decision", json={"decision": decision})


def is_training(told: dict[str, Any]) -> bool:
    """Whether steps are being made."""
    return told["progress"] is not None and told["progress"]["stage"] == "training"


def _sent(made: Any) -> dict[str, Any]:
    return click(made.x, made.y, "positive" if made.positive else "negative")


def _mask(answer: Any) -> np.ndarray:
    return rle.decode(answer["frame"]["mask"]["counts"], height=HEIGHT, width=WIDTH)
