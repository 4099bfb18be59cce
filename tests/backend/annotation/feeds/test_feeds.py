"""What it costs to be followed: nothing per listener, and never more than a person may have open."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from typing import Any
from uuid import uuid4

import httpx
import pytest

from backend.annotation.feeds import feed
from backend.annotation.feeds.listener import ChangeEvent, Listener
from backend.annotation.feeds.registry import STREAMS_PER_PERSON
from backend.annotation.record.schemas import Changes
from tests.backend.annotation.test_changes import events
from tests.backend.running import RunningBackend
from tests.backend.statements import counted_statements
from tests.backend.workplace import Annotator, disk


async def _cost_of_a_stroke(
    annotator: Annotator, masklet: str, frame: int, num_listeners: int, encodings: list[int]
) -> tuple[int, int]:
    """Statements, and how often its event is written out."""
    seen = (await annotator.changes())["seq"]
    async with AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(aclosing(events(annotator, seen))) for _ in range(num_listeners)]
        await _heard_by_all(annotator, masklet, frame, streams)  # by then all are connected
        await asyncio.sleep(0.2)
        encodings.clear()
        with counted_statements() as statements:
            await _heard_by_all(annotator, masklet, frame + 1, streams)
            await asyncio.sleep(0.2)
    return len(statements), len(encodings)


async def _heard_by_all(annotator: Annotator, masklet: str, frame: int, streams: list[AsyncIterator[Any]]) -> None:
    waiting = [asyncio.ensure_future(anext(stream)) for stream in streams]
    await annotator.draw(masklet, frame, disk(100, 100, 20))
    heard = await asyncio.wait_for(asyncio.gather(*waiting), 20)
    assert [[frame["frame_index"] for frame in data["frames"]] for _id, data in heard] == [[frame]] * len(streams)


async def test_twenty_listeners_cost_as_much_as_one(annotator: Annotator, monkeypatch: pytest.MonkeyPatch) -> None:
    encodings: list[int] = []
    encoded = feed.encoded

    def counted(found: Changes) -> ChangeEvent | None:
        encodings.append(found.seq)
        return encoded(found)

    monkeypatch.setattr(feed, "encoded", counted)
    masklet = await annotator.create_masklet()
    await annotator.draw(masklet, 1, disk(100, 100, 20))
    one = await _cost_of_a_stroke(annotator, masklet, 2, 1, encodings)
    twenty = await _cost_of_a_stroke(annotator, masklet, 4, 20, encodings)
    assert twenty == one
    assert one[1] == 1


async def test_a_brush_stroke_takes_six_statements(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    await annotator.draw(masklet, 1, disk(100, 100, 20))
    with counted_statements() as statements:
        await annotator.draw(masklet, 2, disk(100, 100, 20))
    assert len(statements) <= 6, [statement[:60] for statement in statements]


async def test_who_looks_for_changes_and_finds_none_reads_little(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    await annotator.draw(masklet, 1, disk(100, 100, 20))
    seen = (await annotator.changes())["seq"]
    with counted_statements() as statements:
        assert (await annotator.changes(seen))["frames"] == []
    assert len(statements) <= 4, statements


async def test_a_person_follows_so_many_videos_and_no_more(workplace: RunningBackend, annotator: Annotator) -> None:
    url = f"/api/videos/{annotator.video.video_id}/events"
    async with AsyncExitStack() as stack, httpx.AsyncClient(base_url=workplace.url, timeout=30) as client:
        for _ in range(STREAMS_PER_PERSON):
            answer = await stack.enter_async_context(client.stream("GET", url))
            assert answer.status_code == 200
        refused = await workplace.client.get(url)
        assert (refused.status_code, refused.json()["type"]) == (429, "urn:maskloom:problem:too-many-streams")
        assert int(refused.headers["Retry-After"]) >= 1
    for _ in range(100):  # the server hears of closed connections a little later
        async with workplace.client.stream("GET", url) as answer:
            if answer.status_code == 200:
                return
        await asyncio.sleep(0.05)
    raise AssertionError("closed streams still count")


async def test_a_listener_who_takes_nothing_is_cut_off_and_keeps_nothing() -> None:
    listener = Listener(uuid4())
    shared = bytes(100_000)
    for seq in range(1, 200):
        listener.put(ChangeEvent(seq, shared))
    assert listener.ended
    assert await listener.next(0.01) is None


async def test_a_listener_gets_events_in_order() -> None:
    listener = Listener(uuid4())
    for seq in (1, 2, 3):
        listener.put(ChangeEvent(seq, b"data"))
    taken = [await listener.next(0.01) for _ in range(4)]
    assert [event and event.seq for event in taken] == [1, 2, 3, None]
    assert not listener.ended
