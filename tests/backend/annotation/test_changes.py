"""How a browser keeps up: pages of changes, and events that resume where it left off."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from tests.backend.running import RunningBackend
from tests.backend.workplace import Annotator, click, disk


async def events(
    annotator: Annotator, after: int, *, header: bool = False
) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """(id, data) of every `changes` event."""
    url = f"/api/videos/{annotator.video.video_id}/events"
    sent = {"headers": {"Last-Event-ID": str(after)}} if header else {"params": {"after": after}}
    async with annotator.client.stream("GET", url, **sent) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        fields: dict[str, str] = {}
        async for line in response.aiter_lines():
            if line == "" and fields.get("event") == "changes":
                yield fields["id"], json.loads(fields["data"])
            if line == "":
                fields = {}
            elif not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value


async def test_pages_of_changes_together_hold_everything_once(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    for frame in range(9):
        await annotator.draw(masklet, frame, disk(100, 100, 20))
    whole = await annotator.changes()
    after, pages, more = 0, [], True
    while more:
        page = await annotator.changes(after=after, limit=4)
        assert len(page["frames"]) <= 4
        pages.append(page)
        after, more = page["seq"], page["more"]
    assert [frame for page in pages for frame in page["frames"]] == whole["frames"]
    assert [masklet["id"] for page in pages for masklet in page["masklets"]] == [masklet]
    assert after == whole["seq"]
    assert len(pages) == 3


async def test_a_propagation_undone_at_once_still_comes_in_pages(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    await annotator.draw(masklet, 0, disk(100, 100, 20))
    await annotator.propagate([masklet], 0, direction="forward", last_frame=9)
    before = (await annotator.changes())["seq"]
    await annotator.undo_top()
    page = await annotator.changes(after=before, limit=4)
    assert (len(page["frames"]), page["more"]) == (4, True)


async def test_events_carry_what_was_missed_and_then_what_happens(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    async with aclosing(events(annotator, 0)) as stream:
        event_id, missed = await anext(stream)
        assert [found["id"] for found in missed["masklets"]] == [masklet]
        await annotator.draw(masklet, 4, disk(100, 100, 20))
        next_id, fresh = await asyncio.wait_for(anext(stream), 5)
        assert [frame["frame_index"] for frame in fresh["frames"]] == [4]
        assert int(next_id) == fresh["seq"] > int(event_id)


async def test_events_resume_from_the_last_event_id(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    await annotator.draw(masklet, 4, disk(100, 100, 20))
    seen = (await annotator.changes())["seq"]
    await annotator.draw(masklet, 5, disk(100, 100, 20))
    async with aclosing(events(annotator, seen, header=True)) as stream:
        _event_id, fresh = await asyncio.wait_for(anext(stream), 5)
    assert [frame["frame_index"] for frame in fresh["frames"]] == [5]


async def test_a_running_propagation_is_seen_mask_by_mask_with_its_progress(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    await annotator.prompt(masklet, 0, click(70, 140))
    seen = (await annotator.changes())["seq"]
    run = (await annotator.start_run([masklet], 0, direction="forward")).json()
    states, frames = [], set()
    async with aclosing(events(annotator, seen)) as stream:
        async for _event_id, fresh in stream:
            states += [(found["state"], found["done"]) for found in fresh["runs"] if found["id"] == run["id"]]
            frames |= {frame["frame_index"] for frame in fresh["frames"]}
            if states and states[-1][0] == "done":
                break
    assert frames == set(range(1, 40))
    assert [done for _state, done in states] == sorted(done for _state, done in states)
    assert len(states) > 4


async def test_an_unknown_video_has_no_events(workplace: RunningBackend) -> None:
    answer = await workplace.client.get("/api/videos/00000000-0000-4000-8000-00000000dead/events")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:maskloom:problem:video-not-found")


async def test_a_frame_is_in_every_answer_even_while_it_is_being_changed(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    await annotator.draw(masklet, 4, disk(100, 100, 20))

    async def draw_on() -> None:
        for radius in range(20, 45):
            await annotator.draw(masklet, 4, disk(100, 100, radius))

    drawing = asyncio.create_task(draw_on())
    while not drawing.done():
        url = f"/api/videos/{annotator.video.video_id}/changes"
        found = (await annotator.client.get(url)).json()
        assert [frame["frame_index"] for frame in found["frames"]] == [4]
        assert [found["id"] for found in found["masklets"]] == [masklet]
    await drawing


async def test_browsers_that_leave_take_everything_of_theirs_along(annotator: Annotator) -> None:
    await annotator.create_masklet()

    async def look() -> None:
        async with aclosing(events(annotator, 0)) as stream:
            await anext(stream)

    await look()
    before = len(asyncio.all_tasks())
    await asyncio.gather(*(look() for _ in range(20)))
    for _ in range(100):
        if len(asyncio.all_tasks()) <= before:
            break
        await asyncio.sleep(0.05)
    assert len(asyncio.all_tasks()) <= before
