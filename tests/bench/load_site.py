"""The site that the load bench works on: people with accounts, and a ready video with an object for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from pycocotools import mask as coco

from backend.db.engine import Sessions
from backend.tables import Masklet, Project, Video
from backend.tables.states import Origin, Phase, Role, VideoState
from backend.tables.user import LOCAL_OWNER_ID
from tests.backend.accounts import COOKIE, add_member, add_person, signed_in_secret

WIDTH, HEIGHT, NUM_FRAMES = 1280, 720, 240


@dataclass(frozen=True)
class Place:
    """Where one person works, and the headers of their browser."""

    video_id: UUID
    masklet_id: UUID
    headers: dict[str, str]


async def make_places(sessions: Sessions, origin: str, count: int) -> list[Place]:
    """As many annotators, each with a video of their own in one project."""
    project_id = await add_project(sessions)
    return [await _place(sessions, origin, project_id, number) for number in range(count)]


async def add_project(sessions: Sessions) -> UUID:
    project = Project(
        id=uuid4(),
        name="Load",
        stride=4,
        long_side=1920,
        phase=Phase.sam2,
        is_sample=False,
        created_by=LOCAL_OWNER_ID,
    )
    async with sessions.begin() as session:
        session.add(project)
    return project.id


async def _place(sessions: Sessions, origin: str, project_id: UUID, number: int) -> Place:
    user_id = await add_person(sessions, f"annotator{number}-{uuid4().hex[:8]}")
    await add_member(sessions, project_id, user_id, Role.annotator)
    secret = await signed_in_secret(sessions, user_id)
    video, masklet = ready_video(project_id, f"clip{number}.mp4"), new_masklet(number=1)
    masklet.video_id = video.id
    async with sessions.begin() as session:
        session.add(video)
        await session.flush()
        session.add(masklet)
    return Place(video.id, masklet.id, {"Cookie": f"{COOKIE}={secret}", "Origin": origin})


def ready_video(project_id: UUID, name: str) -> Video:
    """A row as ingest leaves it. Its files do not exist, because nobody looks at a frame."""
    return Video(
        id=uuid4(),
        project_id=project_id,
        name=name,
        state=VideoState.ready,
        warnings=[],
        proxy_key="none",
        proxy_sha256="0" * 64,
        width=WIDTH,
        height=HEIGHT,
        num_frames=NUM_FRAMES,
        fps_num=30,
        fps_den=1,
        stride=4,
        created_by=LOCAL_OWNER_ID,
    )


def new_masklet(*, number: int) -> Masklet:
    return Masklet(
        id=uuid4(),
        number=number,
        name=f"Object {number}",
        phase=Phase.sam2,
        origin=Origin.manual,
        version=1,
        deleted=False,
        seq=1,
        created_by=LOCAL_OWNER_ID,
    )


def strokes(count: int) -> list[dict[str, Any]]:
    """Different masks as a brush leaves them: a few disks that touch."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    masks: list[dict[str, Any]] = []
    for number in range(count):
        x, y, drawn = 200.0 + 25 * number, 200.0 + 8 * number, np.zeros((HEIGHT, WIDTH), bool)
        for step in range(6):
            drawn |= np.hypot(columns - x - 18 * step, rows - y - 9 * step) < 24
        counts = coco.encode(np.asfortranarray(drawn.astype(np.uint8)))["counts"]
        masks.append({"size": [HEIGHT, WIDTH], "counts": counts.decode()})
    return masks
