"""What lasts ends within seconds of its person's access: streams, downloads and uploads; others' go on."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import delete, select, update

from backend.db.engine import Sessions
from backend.tables import ApiToken, Membership, SignIn, User, Video
from backend.tables.states import Role
from tests.backend.accounts import add_member, add_person, browser, program, signed_in_secret, token_of
from tests.backend.running import RunningBackend
from tests.backend.workplace import StoredVideo

WITHIN = 5.0
ENDS: dict[str, Callable[[UUID], Any]] = {
    "removed": lambda user_id: delete(Membership).where(Membership.user_id == user_id),
    "demoted": lambda user_id: update(Membership).where(Membership.user_id == user_id).values(role=Role.viewer),
    "signed out": lambda user_id: delete(SignIn).where(SignIn.user_id == user_id),
    "disabled": lambda user_id: update(User).where(User.id == user_id).values(disabled=True),
    "token narrowed": lambda user_id: update(ApiToken).where(ApiToken.user_id == user_id).values(scope=["view"]),
    "token revoked": lambda user_id: delete(ApiToken).where(ApiToken.user_id == user_id),
}


async def manager(
    site: RunningBackend, sessions: Sessions, stored: StoredVideo, how: str
) -> tuple[httpx.AsyncClient, UUID]:
    user_id = await add_person(sessions, f"m-{uuid4().hex[:6]}")
    await add_member(sessions, stored.project_id, user_id, Role.manager)
    if "token" in how:
        return program(site, await token_of(sessions, user_id, "view", "manage")), user_id
    return browser(site, await signed_in_secret(sessions, user_id)), user_id


async def end(sessions: Sessions, how: str, user_id: UUID) -> None:
    async with sessions.begin() as session:
        await session.execute(ENDS[how](user_id))


class Upload:
    """A file of which a piece arrives now and then, until it is told to finish."""

    def __init__(self, size: int) -> None:
        self.finish = asyncio.Event()
        self.begun = asyncio.Event()
        self._size = size

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self._size - 1):
            yield b"x"
            self.begun.set()
            if not self.finish.is_set():
                await asyncio.wait([asyncio.create_task(self.finish.wait())], timeout=0.1)
        await self.finish.wait()
        yield b"x"


async def send(client: httpx.AsyncClient, stored: StoredVideo, upload: Upload, size: int) -> httpx.Response:
    return await client.post(
        f"/api/projects/{stored.project_id}/videos?filename=a.mp4",
        content=upload.__aiter__(),
        headers={"Content-Length": str(size)},
    )


@pytest.mark.parametrize("how", ENDS)
async def test_an_upload_is_not_accepted_from_somebody_who_has_lost_access(
    site: RunningBackend, sessions: Sessions, stored_video: StoredVideo, how: str
) -> None:
    client, user_id = await manager(site, sessions, stored_video, how)
    other, _ = await manager(site, sessions, stored_video, "")
    lost, kept = Upload(200), Upload(20)
    async with client, other:
        sending = [
            asyncio.create_task(send(client, stored_video, lost, 200)),
            asyncio.create_task(send(other, stored_video, kept, 20)),
        ]
        await asyncio.gather(lost.begun.wait(), kept.begun.wait())
        await end(sessions, how, user_id)
        lost.finish.set()  # at once, before anybody looks
        kept.finish.set()
        answers = await asyncio.gather(*sending)
    assert answers[0].status_code in (401, 403, 404), answers[0].text
    assert answers[1].status_code == 202, answers[1].text
    async with sessions.begin() as session:
        uploaders = (await session.scalars(select(Video.created_by).where(Video.name == "a.mp4"))).all()
    assert len(uploaders) == 1
    assert user_id not in uploaders


async def until(holds: Callable[[], bool], complaint: str) -> None:
    for _ in range(int(WITHIN / 0.05)):
        if holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(complaint)


async def test_an_upload_that_goes_on_is_broken_off(
    site: RunningBackend, sessions: Sessions, stored_video: StoredVideo
) -> None:
    client, user_id = await manager(site, sessions, stored_video, "removed")
    upload, staging = Upload(1000), site.settings.staging_dir
    async with client:
        sending = asyncio.create_task(send(client, stored_video, upload, 1000))
        await until(lambda: any(staging.glob("upload-*")), "nothing has arrived")
        await end(sessions, "removed", user_id)
        await until(lambda: not any(staging.glob("upload-*")), "what had arrived is still there")
        sending.cancel()
        await asyncio.wait([sending])


@pytest.mark.parametrize("how", ["removed", "signed out", "disabled", "token revoked"])
async def test_a_stream_ends_within_five_seconds_and_others_go_on(
    site: RunningBackend, sessions: Sessions, stored_video: StoredVideo, how: str
) -> None:
    client, user_id = await manager(site, sessions, stored_video, how)
    other, _ = await manager(site, sessions, stored_video, "")
    events = f"/api/videos/{stored_video.video_id}/events"
    async with client, other, client.stream("GET", events) as ending, other.stream("GET", events) as lasting:
        lines, others = ending.aiter_lines(), lasting.aiter_lines()
        await anext(lines)
        await anext(others)
        await end(sessions, how, user_id)
        started = time.monotonic()
        async with asyncio.timeout(WITHIN):
            async for _ in lines:
                assert time.monotonic() - started < WITHIN
        waiting = asyncio.ensure_future(anext(aiter(others)))
        await asyncio.wait([waiting], timeout=1)
        assert not waiting.done() or waiting.exception() is None, "the other's stream goes on"
        waiting.cancel()


async def test_a_demoted_readers_stream_goes_on_while_they_may_view(
    site: RunningBackend, sessions: Sessions, stored_video: StoredVideo
) -> None:
    client, user_id = await manager(site, sessions, stored_video, "demoted")
    async with client, client.stream("GET", f"/api/videos/{stored_video.video_id}/events") as stream:
        await end(sessions, "demoted", user_id)
        lines, until = stream.aiter_lines(), time.monotonic() + 7
        seen = 0
        async for line in lines:
            seen += line.startswith(":")
            if time.monotonic() > until or seen >= 3:
                break
    assert seen >= 2, "hello, and a heartbeat after the demotion"
