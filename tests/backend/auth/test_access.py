"""Nobody reaches what is not theirs, nor learns that it is there."""

import asyncio
import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import delete, select, update

from backend.db.engine import Sessions
from backend.tables import ActivityEvent, Membership, SignIn, User
from backend.tables.states import Role
from tests.backend.accounts import add_member, add_person, browser, program, signed_in_secret, token_of
from tests.backend.running import RunningBackend
from tests.backend.workplace import StoredVideo


async def person(
    site: RunningBackend, sessions: Sessions, stored: StoredVideo, role: Role | None
) -> tuple[httpx.AsyncClient, UUID]:
    """The browser of somebody with a role in the video's project, or with none."""
    user_id = await add_person(sessions, f"person-{uuid4().hex[:6]}")
    if role is not None:
        await add_member(sessions, stored.project_id, user_id, role)
    return browser(site, await signed_in_secret(sessions, user_id)), user_id


async def test_what_is_not_yours_looks_like_what_is_not_there(
    site: RunningBackend, sessions: Sessions, stored_video: StoredVideo
) -> None:
    client, _ = await person(site, sessions, stored_video, None)
    async with client:
        for kind, known in (("projects", stored_video.project_id), ("videos", stored_video.video_id)):
            foreign = await client.get(f"/api/{kind}/{known}")
            missing = await client.get(f"/api/{kind}/{uuid4()}")
            assert foreign.status_code == 404
            assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content)
        media = {"Range": "bytes=0-9"}
        assert (await client.get(f"/api/videos/{stored_video.video_id}/proxy.mp4", headers=media)).status_code == 404
        assert (await client.head(f"/api/videos/{stored_video.video_id}/proxy.mp4")).status_code == 404
        assert (await client.get("/api/projects")).json() == []


async def test_a_viewer_sees_and_changes_nothing(
    site: RunningBackend, sessions: Sessions, stored_video: StoredVideo
) -> None:
    client, _ = await person(site, sessions, stored_video, Role.viewer)
    async with client:
        project = (await client.get(f"/api/projects/{stored_video.project_id}")).json()
        assert (project["my_role"], project["allowed"]) == ("viewer", ["view"])
        proxy = await client.get(f"/api/videos/{stored_video.video_id}/proxy.mp4", headers={"Range": "bytes=0-9"})
        assert (proxy.status_code, len(proxy.content)) == (206, 10)
        assert "Cookie" in proxy.headers["vary"]
        refused = await client.post(
            f"/api/videos/{stored_video.video_id}/masklets", json={}, headers={"Idempotency-Key": str(uuid4())}
        )
        assert refused.status_code == 403
        assert refused.json()["detail"] == "You are a viewer of this project, and may not annotate there."


async def test_a_token_does_no_more_than_it_was_made_for(
    site: RunningBackend, sessions: Sessions, stored_video: StoredVideo
) -> None:
    _, user_id = await person(site, sessions, stored_video, Role.manager)
    async with program(site, await token_of(sessions, user_id, "view")) as tool:
        assert (await tool.get(f"/api/videos/{stored_video.video_id}")).status_code == 200
        assert (await tool.delete(f"/api/videos/{stored_video.video_id}")).status_code == 403
    async with browser(site, await signed_in_secret(sessions, user_id)) as client:
        other = (await client.post("/api/projects", json={"name": "Other"})).json()["id"]
    async with program(site, await token_of(sessions, user_id, "view", "manage", project_id=UUID(other))) as tool:
        assert (await tool.get(f"/api/projects/{other}")).status_code == 200
        assert (await tool.get(f"/api/projects/{stored_video.project_id}")).status_code == 404
        assert [project["id"] for project in (await tool.get("/api/projects")).json()] == [other]


async def test_an_administrators_token_is_limited_as_well(
    site: RunningBackend, sessions: Sessions, stored_video: StoredVideo
) -> None:
    user_id = await add_person(sessions, "root", is_admin=True)
    async with program(site, await token_of(sessions, user_id, "view")) as tool:
        assert (await tool.get(f"/api/projects/{stored_video.project_id}")).status_code == 200
        assert (await tool.delete(f"/api/projects/{stored_video.project_id}")).status_code == 403
        assert (await tool.get(f"/api/projects/{uuid4()}")).status_code == 404


async def test_activity_about_foreign_videos_is_not_stored(
    site: RunningBackend, sessions: Sessions, stored_video: StoredVideo
) -> None:
    event = {
        "event_id": str(uuid4()),
        "session_id": str(uuid4()),
        "video_id": str(stored_video.video_id),
        "phase": "sam2",
        "kind": "open",
        "client_monotonic_ms": 1.0,
        "client_time": datetime.now(UTC).isoformat(),
    }
    stranger, _ = await person(site, sessions, stored_video, None)
    async with stranger:
        answer = (await stranger.post("/api/activity", json={"events": [event]})).json()
        assert (answer["accepted"], answer["refused"]) == (0, 1)
    annotator, user_id = await person(site, sessions, stored_video, Role.annotator)
    async with annotator:
        assert (await annotator.post("/api/activity", json={"events": [event]})).json()["accepted"] == 1
    async with sessions.begin() as session:
        assert (await session.scalars(select(ActivityEvent.user_id))).all() == [user_id]


async def test_a_foreign_id_as_idempotency_key_answers_with_nothing_foreign(
    site: RunningBackend, sessions: Sessions, stored_video: StoredVideo
) -> None:
    client, _ = await person(site, sessions, stored_video, None)
    async with client:
        mine = (await client.post("/api/projects", json={"name": "Mine"})).json()["id"]
        taken = await client.post(
            f"/api/projects/{mine}/videos?filename=a.mp4",
            content=b"x",
            headers={"Idempotency-Key": str(stored_video.video_id)},
        )
        assert taken.status_code == 409
        headers = {"Idempotency-Key": str(stored_video.project_id)}
        assert (await client.post("/api/projects", json={"name": "P"}, headers=headers)).status_code == 409


async def test_who_made_a_project_and_was_removed_is_not_told_of_it_by_making_it_again(
    site: RunningBackend, sessions: Sessions, stored_video: StoredVideo
) -> None:
    client, user_id = await person(site, sessions, stored_video, None)
    headers = {"Idempotency-Key": str(uuid4())}
    async with client:
        for status in (201, 201):
            assert (await client.post("/api/projects", json={"name": "P"}, headers=headers)).status_code == status
        async with sessions.begin() as session:
            await session.execute(delete(Membership).where(Membership.user_id == user_id))
        told = await client.post("/api/projects", json={"name": "P"}, headers=headers)
        assert (told.status_code, told.json()["type"].rpartition(":")[2]) == (409, "idempotency-key-reused")


@pytest.mark.parametrize("how", ["removed", "signed out", "disabled"])
async def test_a_stream_ends_within_seconds_of_its_readers_access(
    site: RunningBackend, sessions: Sessions, stored_video: StoredVideo, how: str
) -> None:
    client, user_id = await person(site, sessions, stored_video, Role.viewer)
    end = {
        "removed": delete(Membership).where(Membership.user_id == user_id),
        "signed out": delete(SignIn).where(SignIn.user_id == user_id),
        "disabled": update(User).where(User.id == user_id).values(disabled=True),
    }[how]
    async with client, client.stream("GET", f"/api/videos/{stored_video.video_id}/events") as stream:
        assert stream.status_code == 200
        lines = stream.aiter_lines()
        await anext(lines)
        async with sessions.begin() as session:
            await session.execute(end)
        started = time.monotonic()
        async with asyncio.timeout(15):
            async for _ in lines:
                pass
        assert time.monotonic() - started < 10
