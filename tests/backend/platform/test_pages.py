"""Long lists come in pages that together hold everything once, whatever is added or deleted meanwhile."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx
import pytest

from backend.app import create_app
from backend.db.engine import Sessions
from backend.settings import Settings
from backend.tables import Video
from tests.backend.platform.long_lists import EACH, make_long_lists
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


@cache
def _lists() -> list[str]:
    """The paths of all lists that come in pages."""
    paths: dict[str, Any] = create_app(Settings()).openapi()["paths"]
    asked = {path: methods.get("get", {}).get("parameters", ()) for path, methods in paths.items()}
    return [path for path, parameters in asked.items() if {"cursor", "limit"} <= {each["name"] for each in parameters}]


async def test_the_pages_of_every_list_together_are_the_list(workplace: RunningBackend, sessions: Sessions) -> None:
    made = await make_long_lists(sessions)
    assert len(_lists()) >= 17
    for path in _lists():
        url: str | None = path.format(**made.ids)
        whole = (await workplace.client.get(f"{url}?limit=500")).json()
        assert len(whole) >= EACH, path
        found: list[Any] = []
        url = f"{url}?limit=2"
        while url is not None:
            answer = await workplace.client.get(url)
            assert answer.status_code == 200, (path, answer.text)
            assert 1 <= len(answer.json()) <= 2, path
            found += answer.json()
            url = _next(answer)
        assert found == whole, path


_ODD_KEYS = [
    None, True, 7, -1, 1.5, 2**31, 2**63, 1e400, "", "x", "\x00", "\ud800", [], {}, [[]],
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00",
    "00000000-0000-4000-8000-000000000001",
]  # fmt: skip


@pytest.mark.parametrize("one_of", [4, pytest.param(1, marks=pytest.mark.slow)], ids=["a quarter", "all"])
async def test_no_cursor_breaks_a_list(workplace: RunningBackend, sessions: Sessions, one_of: int) -> None:
    """Anybody can write a cursor. One that happens to be well formed is a place in the list like others.

    Of a quarter, neighbouring places in neighbouring lists get different ones.
    """
    made = await make_long_lists(sessions, each=2)
    for number, path in enumerate(_lists()):
        url = path.format(**made.ids)
        (good,) = parse_qs(urlsplit(_next(await workplace.client.get(f"{url}?limit=1")) or "").query)["cursor"]
        keys = json.loads(urlsafe_b64decode(good))
        spoilt = [
            [*keys[:place], odd, *keys[place + 1 :]]
            for place in range(len(keys))
            for odd in _ODD_KEYS[(number + place) % one_of :: one_of]
        ]
        cursors = [json.dumps(each).encode() for each in [*spoilt, keys[1:], [*keys, 1]]]
        for cursor in (*cursors, b"[" * 1400):
            answer = await workplace.client.get(url, params={"cursor": urlsafe_b64encode(cursor).decode()})
            assert answer.status_code in (200, 422), (path, cursor, answer.text)


async def test_no_list_gives_more_than_its_largest_page(workplace: RunningBackend, sessions: Sessions) -> None:
    made, malformed = await make_long_lists(sessions, each=1), (422, "urn:maskloom:problem:malformed-request")
    for path in _lists():
        for limit in ("0", "-1", "501", "x", "9" * 40):
            answer = await workplace.client.get(path.format(**made.ids), params={"limit": limit})
            assert (answer.status_code, answer.json()["type"]) == malformed, (path, limit)
