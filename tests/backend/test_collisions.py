"""Requests that meet halfway: each has its proper answer when it is repeated, and none is called the server's fault."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import delete

from backend.db.engine import Sessions
from backend.storage.objects import ObjectStore
from backend.tables import Project, Video
from tests.backend.auth.minting import Minted, mint
from tests.backend.running import RunningBackend

AT_ONCE = 8


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


@pytest.mark.parametrize("what", ["project", "export", "upload"])
async def test_a_request_that_is_sent_several_times_at_once_makes_one_thing(
    backend: RunningBackend, sessions: Sessions, what: str
) -> None:
    """As browsers and proxies do when an answer is late."""
    minted = await mint(sessions, ObjectStore(backend.settings.objects_dir))
    project, key = f"/api/projects/{minted.project_id}", str(uuid4())
    about: dict[str, Any] = {
        "project": {"url": "/api/projects", "json": {"name": "One"}},
        "export": {"url": f"{project}/exports", "json": {"format": "sa_v", "only_satisfactory": True}},
        "upload": {"url": f"{project}/videos", "params": {"filename": "a.mp4"}, "content": b"no video"},
    }[what]

    async def ask() -> httpx.Response:
        return await backend.client.post(**about, headers=keyed(key))

    answers = await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
    assert any(answer.is_success for answer in answers), [answer.text for answer in answers]
    for answer in answers:
        if not answer.is_success:
            assert (answer.status_code, slug(answer), answer.headers["retry-after"]) == (409, "collision", "1")
            answer = await ask()
        assert (answer.is_success, answer.json()["id"]) == (True, key), answer.text


async def _meanwhile(sessions: Sessions, deletion: Any, ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """The answer to a request that waits for a deletion which is not committed yet."""
    async with sessions.begin() as session:
        await session.execute(deletion)
        asking = asyncio.ensure_future(ask())
        await asyncio.sleep(0.5)
        assert not asking.done(), (await asking).text
    return await asking


@pytest.mark.parametrize("what", ["rename", "label", "export", "tell of activity"])
async def test_what_is_deleted_while_it_is_written_to_is_not_there_when_the_request_is_repeated(
    backend: RunningBackend, sessions: Sessions, what: str
) -> None:
    minted = await mint(sessions, ObjectStore(backend.settings.objects_dir))
    client, video = backend.client, f"/api/videos/{minted.video_id}"
    exports = f"/api/projects/{minted.project_id}/exports"
    asked = {"format": "sa_v", "only_satisfactory": True}
    ways: dict[str, tuple[Any, Callable[[], Awaitable[httpx.Response]]]] = {
        "rename": (Video, lambda: client.patch(video, json={"name": "Other"})),
        "label": (Video, lambda: client.put(f"{video}/labels", json={"environment": "indoor"})),
        "export": (Project, lambda: client.post(exports, json=asked, headers=keyed(str(uuid4())))),
        "tell of activity": (Video, lambda: client.post("/api/activity", json={"events": [_event(minted)]})),
    }
    table, ask = ways[what]
    gone = minted.project_id if table is Project else minted.video_id
    met = await _meanwhile(sessions, delete(table).where(table.id == gone), ask)
    # A change of the video itself waits for the row, and finds that it is gone.
    at_once = what in ("rename", "label")
    assert (met.status_code, slug(met)) == ((404, "video-not-found") if at_once else (409, "collision"))
    again = await ask()
    if what == "tell of activity":
        assert again.json() == {"accepted": 0, "known": 0, "refused": 1}
    else:
        assert again.status_code == 404


def _event(minted: Minted) -> dict[str, Any]:
    return {
        "event_id": str(uuid4()),
        "session_id": str(uuid4()),
        "video_id": str(minted.video_id),
        "phase": "sam2",
        "kind": "focus",
        "client_monotonic_ms": 1,
        "client_time": "2026-11-30T08:00:00Z",
    }
