"""A person at work, as their browser speaks: they hold versions, make up action ids, and watch the changes."""

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import numpy as np
from pycocotools import mask as coco

from backend.db.engine import Sessions
from backend.storage.objects import ObjectStore, sha256_of, video_key
from backend.tables import Project, Video
from backend.tables.states import Phase, VideoState
from backend.tables.user import LOCAL_OWNER_ID
from tests.clips import FRAME_RATE, HEIGHT, WIDTH

WAIT_SECONDS = 60


@dataclass(frozen=True)
class StoredVideo:
    project_id: UUID
    video_id: UUID
    num_frames: int


async def store_video(
    sessions: Sessions, store: ObjectStore, proxy: Path, *, num_frames: int, stride: int = 4
) -> StoredVideo:
    """A ready video as ingest leaves it, without ingesting: its proxy is already a video of record."""
    project = Project(
        id=uuid4(),
        name="P",
        stride=stride,
        long_side=1920,
        phase=Phase.sam2,
        is_sample=False,
        created_by=LOCAL_OWNER_ID,
    )
    video_id = uuid4()
    digest = sha256_of(proxy)
    key = video_key(video_id, digest, "proxy.mp4")
    await store.put(key, proxy)
    video = Video(
        id=video_id,
        project_id=project.id,
        name="clip.mp4",
        state=VideoState.ready,
        warnings=[],
        proxy_key=key,
        proxy_sha256=digest,
        width=WIDTH,
        height=HEIGHT,
        num_frames=num_frames,
        fps_num=FRAME_RATE,
        fps_den=1,
        stride=stride,
        created_by=LOCAL_OWNER_ID,
    )
    async with sessions.begin() as session:
        session.add(project)
        await session.flush()
        session.add(video)
    return StoredVideo(project.id, video_id, num_frames)


def click(x: float, y: float, label: str = "positive") -> dict[str, Any]:
    return {"x": x, "y": y, "label": label}


def encoded(mask: np.ndarray) -> dict[str, Any]:
    """bool (H, W) -> {size, counts}."""
    rle = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": list(mask.shape), "counts": rle["counts"].decode()}


def disk(x: float, y: float, radius: float) -> np.ndarray:
    """bool (HEIGHT, WIDTH)."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.hypot(columns - x, rows - y) < radius


@dataclass
class Annotator:
    """One browser on one video."""

    client: httpx.AsyncClient
    video: StoredVideo
    versions: dict[str, int] = field(default_factory=dict)
    lease: str | None = None  # of the task they hold

    def _keyed(self, key: UUID | None) -> dict[str, str]:
        return {"Idempotency-Key": str(key or uuid4())} | ({"Lease": self.lease} if self.lease else {})

    async def create_masklet(self, *, key: UUID | None = None, **body: Any) -> str:
        answer = await self.try_to_create(key=key, **body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def try_to_create(self, *, key: UUID | None = None, **body: Any) -> httpx.Response:
        url = f"/api/videos/{self.video.video_id}/masklets"
        answer = await self.client.post(url, json=body, headers=self._keyed(key))
        if answer.is_success:
            self._saw(answer.json())
        return answer

    async def prompt(self, masklet: str, frame: int, *clicks: dict[str, Any], **options: Any) -> httpx.Response:
        """`box`, `candidate`, `key` and `version` as options."""
        body = {"clicks": list(clicks), "box": options.pop("box", None), "candidate": options.pop("candidate", None)}
        return await self.edit("PUT", masklet, f"frames/{frame}/prompts", body, **options)

    async def draw(self, masklet: str, frame: int, mask: np.ndarray, **options: Any) -> httpx.Response:
        body = {"mask": encoded(mask), "tool": options.pop("tool", "brush")}
        return await self.edit("PUT", masklet, f"frames/{frame}/mask", body, **options)

    async def clear(self, masklet: str, frame: int, **options: Any) -> httpx.Response:
        return await self.edit("DELETE", masklet, f"frames/{frame}", None, **options)

    async def lock(
        self, masklet: str, first: int, last: int | None = None, *, locked: bool = True, **options: Any
    ) -> httpx.Response:
        body = {"first_frame": first, "last_frame": first if last is None else last, "locked": locked}
        return await self.edit("PUT", masklet, "locks", body, **options)

    async def locked(self, masklet: str) -> list[int]:
        found = (await self.changes())["frames"]
        return sorted(frame["frame_index"] for frame in found if frame["masklet_id"] == masklet and frame["locked"])

    async def delete(self, masklet: str, **options: Any) -> httpx.Response:
        return await self.edit("DELETE", masklet, "", None, **options)

    async def verdict(self, masklet: str, verdict: str, **options: Any) -> httpx.Response:
        body = {"verdict": verdict, "reasons": options.pop("reasons", [])}
        return await self.edit("POST", masklet, "verdicts", body, **options)

    async def edit(
        self, method: str, masklet: str, path: str, body: Any, *, key: UUID | None = None, version: int | None = None
    ) -> httpx.Response:
        seen = self.versions[masklet] if version is None else version
        headers = self._keyed(key) | {"If-Match": f'"{seen}"'}
        url = f"/api/masklets/{masklet}/{path}".rstrip("/")
        answer = await self.client.request(method, url, json=body, headers=headers)
        if answer.is_success:
            found = answer.json()
            for seen in found.get("masklets", [found.get("masklet", found)]):
                self._saw(seen)
        elif "version" in answer.json():
            self.versions[masklet] = answer.json()["version"]
        return answer

    async def submit(self) -> httpx.Response:
        """Claim the task of the video and submit it, under a lease of its own."""
        lease = (await self.client.get(f"/api/videos/{self.video.video_id}/lease")).json()
        task_id = next(task["id"] for task in lease["waiting"] if task["kind"] == "annotate")
        claimed = (await self.client.post(f"/api/tasks/{task_id}/claim")).json()
        held = {"epoch": claimed["task"]["epoch"]}
        return await self.client.post(f"/api/tasks/{task_id}/submit", json=held)

    async def start_run(
        self, masklets: list[str], start: int, *, direction: str = "both", **more: Any
    ) -> httpx.Response:
        key = more.pop("key", None)
        return await self.client.post(
            f"/api/videos/{self.video.video_id}/runs",
            json={"masklet_ids": masklets, "start_frame": start, "direction": direction, **more},
            headers=self._keyed(key),
        )

    async def propagate(self, masklets: list[str], start: int, **options: Any) -> dict[str, Any]:
        """Start a run and wait for its end."""
        answer = await self.start_run(masklets, start, **options)
        assert answer.status_code == 202, answer.text
        return await self.run_ended(answer.json()["id"])

    async def run_ended(self, run_id: str) -> dict[str, Any]:
        return await self.until_run(run_id, lambda run: run["state"] in ("done", "cancelled", "failed"))

    async def until_run(self, run_id: str, holds: Any) -> dict[str, Any]:
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            run = (await self.client.get(f"/api/runs/{run_id}")).json()
            if holds(run):
                return dict(run)
            await asyncio.sleep(0.02)
        raise AssertionError(f"waited in vain: {run}")

    async def history(self, which: str, action_id: str) -> httpx.Response:
        """`which` is undo or redo."""
        answer = await self.client.post(
            f"/api/videos/{self.video.video_id}/{which}",
            json={"action_id": action_id},
            headers=self._keyed(None),
        )
        if answer.is_success:
            for masklet in answer.json()["masklets"]:
                self._saw(masklet)
        return answer

    async def undo_top(self) -> dict[str, Any]:
        top = (await self.changes())["history"]["undo"]
        answer = await self.history("undo", top["id"])
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def redo_top(self) -> dict[str, Any]:
        top = (await self.changes())["history"]["redo"]
        answer = await self.history("redo", top["id"])
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def changes(self, after: int = 0, limit: int = 5000) -> dict[str, Any]:
        answer = await self.client.get(
            f"/api/videos/{self.video.video_id}/changes", params={"after": after, "limit": limit}
        )
        assert answer.status_code == 200, answer.text
        for masklet in answer.json()["masklets"]:
            self._saw(masklet)
        return dict(answer.json())

    async def frames(self, masklet: str) -> dict[int, dict[str, Any]]:
        """Frame states by frame index, those with something in them."""
        found = (await self.changes())["frames"]
        return {
            frame["frame_index"]: frame
            for frame in found
            if frame["masklet_id"] == masklet and (frame["mask"] or frame["prompts"])
        }

    def _saw(self, masklet: dict[str, Any]) -> None:
        if "version" in masklet:
            self.versions[masklet["id"]] = max(masklet["version"], self.versions.get(masklet["id"], 0))
