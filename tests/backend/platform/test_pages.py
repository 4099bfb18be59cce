"""Long lists come in pages that together hold everything once, whatever is added or deleted meanwhile."""

from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx

from backend.db.engine import Sessions
from backend.tables import Video
from tests.backend.running import RunningBackend
from tests.bench.load_site import add_project, ready_video


async def _project_of(sessions: Sessions, num_videos: int) -> UUID:
    project_id = await add_project(sessions)
    async with sessions.begin() as session:  # one transaction, so all have the same time, and their ids decide
        session.add_all([ready_video(project_id, f"clip{number}.mp4") for number in range(num_videos)])
    return project_id


def _next(answer: httpx.Response) -> str | None:
    link = answer.links.get("next")
    return None if link is None else link["url"]


async def test_pages_of_videos_together_hold_each_once(workplace: RunningBackend, sessions: Sessions) -> None:
    project_id = await _project_of(sessions, 23)
    url: str | None = f"/api/projects/{project_id}/videos?limit=5"
    sizes, ids = [], []
    while url is not None:
        answer = await workplace.client.get(url)
        assert answer.status_code == 200, answer.text
        sizes.append(len(answer.json()))
        ids += [video["id"] for video in answer.json()]
        url = _next(answer)
    assert sizes == [5, 5, 5, 5, 3]
    assert len(set(ids)) == 23


async def test_a_page_stays_bounded_without_being_asked(workplace: RunningBackend, sessions: Sessions) -> None:
    project_id = await _project_of(sessions, 150)
    first = await workplace.client.get(f"/api/projects/{project_id}/videos")
    following = _next(first)
    assert following is not None
    second = await workplace.client.get(following)
    assert (len(first.json()), len(second.json()), _next(second)) == (100, 50, None)


async def test_a_deleted_video_moves_no_page(workplace: RunningBackend, sessions: Sessions) -> None:
    project_id = await _project_of(sessions, 9)
    first = await workplace.client.get(f"/api/projects/{project_id}/videos?limit=4")
    async with sessions.begin() as session:
        gone = await session.get(Video, UUID(first.json()[3]["id"]))  # the very one that the next page begins after
        await session.delete(gone)
    second = await workplace.client.get(_next(first) or "")
    assert len(second.json()) == 4
    assert not {video["id"] for video in first.json()} & {video["id"] for video in second.json()}


async def test_strange_cursors_are_refused(workplace: RunningBackend, sessions: Sessions) -> None:
    project_id = await _project_of(sessions, 3)
    first = await workplace.client.get(f"/api/projects/{project_id}/videos?limit=1")
    (good,) = parse_qs(urlsplit(_next(first) or "").query)["cursor"]
    for cursor in ("", "x", "!!", "bnVsbA==", "WzEsMl0=", good[:-8], str(uuid4())):
        answer = await workplace.client.get(f"/api/projects/{project_id}/videos", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:maskloom:problem:bad-cursor"), cursor
