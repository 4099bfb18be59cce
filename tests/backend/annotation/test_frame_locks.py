"""Locked frames: nothing changes their masks, and propagations stop at them."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.backend.conftest import NUM_FRAMES
from tests.backend.gate import Gate
from tests.backend.workplace import Annotator, click, disk


async def a_clicked_masklet(annotator: Annotator, frame: int = 20) -> str:
    masklet = await annotator.create_masklet()
    answer = await annotator.prompt(masklet, frame, click(120, 150))
    assert answer.status_code == 200, answer.text
    return masklet


async def masks_of(annotator: Annotator, masklet: str) -> dict[int, str]:
    """The ids of the masks, by frame."""
    return {index: frame["mask"]["id"] for index, frame in (await annotator.frames(masklet)).items()}


async def masks_at_rest(annotator: Annotator, masklet: str) -> dict[int, str]:
    """The same once nothing is added any more: what was on its way when the gate was shut still arrives."""
    seen = await masks_of(annotator, masklet)
    while True:
        await asyncio.sleep(0.3)
        before, seen = seen, await masks_of(annotator, masklet)
        if seen == before:
            return seen


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rsplit(":", 1)[1]


async def test_every_edit_of_a_locked_frame_is_refused_and_changes_nothing(annotator: Annotator) -> None:
    masklet = await a_clicked_masklet(annotator)
    assert (await annotator.lock(masklet, 20)).status_code == 200
    before = await annotator.changes()
    answers = [
        await annotator.prompt(masklet, 20, click(120, 150), click(10, 10, "negative")),
        await annotator.draw(masklet, 20, disk(100, 80, 25)),
        await annotator.draw(masklet, 20, disk(0, 0, 0), tool="absent"),
        await annotator.clear(masklet, 20),
    ]
    assert {refused(answer) for answer in answers} == {(409, "frame-locked")}
    assert await annotator.changes() == before
    assert (await annotator.draw(masklet, 21, disk(100, 80, 25))).status_code == 200
    assert (await annotator.lock(masklet, 20, locked=False)).status_code == 200
    assert (await annotator.clear(masklet, 20)).status_code == 200


async def test_locking_and_unlocking_a_range_are_steps_that_undo_and_redo_turn(annotator: Annotator) -> None:
    masklet = await a_clicked_masklet(annotator)
    locked = await annotator.lock(masklet, 18, 22)
    assert [frame["frame_index"] for frame in locked.json()["frames"]] == [18, 19, 20, 21, 22]
    assert len({frame["seq"] for frame in locked.json()["frames"]}) == 5
    await annotator.lock(masklet, 21, 30, locked=False)
    assert await annotator.locked(masklet) == [18, 19, 20]
    await annotator.undo_top()
    assert await annotator.locked(masklet) == [18, 19, 20, 21, 22]
    undone = await annotator.undo_top()
    assert [frame["locked"] for frame in undone["frames"]] == [False] * 5
    assert await annotator.locked(masklet) == []
    await annotator.redo_top()
    await annotator.redo_top()
    assert await annotator.locked(masklet) == [18, 19, 20]


async def test_a_lock_asked_for_twice_is_one_step_and_locking_what_is_locked_is_none(annotator: Annotator) -> None:
    masklet = await a_clicked_masklet(annotator)
    key, version = uuid4(), annotator.versions[masklet]
    for _time in range(2):
        assert (await annotator.lock(masklet, 20, key=key, version=version)).status_code == 200
    top = (await annotator.changes())["history"]["undo"]
    assert (UUID(top["id"]), top["kind"]) == (key, "lock_frames")
    assert (await annotator.lock(masklet, 20)).status_code == 200
    assert (await annotator.changes())["history"]["undo"] == top
    assert refused(await annotator.lock(masklet, 21, version=version)) == (412, "version-conflict")


@pytest.mark.parametrize(("first", "last"), [(5, 4), (0, NUM_FRAMES)])
async def test_a_range_that_is_not_one_is_not_locked(annotator: Annotator, first: int, last: int) -> None:
    masklet = await a_clicked_masklet(annotator)
    assert refused(await annotator.lock(masklet, first, last)) == (422, "frame-out-of-range")


async def test_a_run_stops_at_the_nearest_locked_frame_of_each_masklet_in_both_directions(
    annotator: Annotator,
) -> None:
    one, other = await a_clicked_masklet(annotator), await a_clicked_masklet(annotator)
    for frame in (12, 5, 26, 33):
        await annotator.lock(one, frame)
    run = await annotator.propagate([one, other], 20)
    assert (run["state"], run["done"], run["total"]) == ("done", 12 + NUM_FRAMES - 1, 12 + NUM_FRAMES - 1)
    assert sorted(await annotator.frames(one)) == list(range(13, 26))
    assert sorted(await annotator.frames(other)) == list(range(NUM_FRAMES))


async def test_a_locked_mask_survives_a_run_and_the_frames_behind_it_too(annotator: Annotator) -> None:
    masklet = await a_clicked_masklet(annotator)
    await annotator.propagate([masklet], 20, direction="forward")
    await annotator.lock(masklet, 30)
    before = await masks_of(annotator, masklet)
    assert (await annotator.propagate([masklet], 20, direction="forward"))["total"] == 9
    after = await masks_of(annotator, masklet)
    kept = {frame for frame in after if after[frame] == before[frame]}
    assert kept == {20, *range(30, NUM_FRAMES)}


async def test_a_run_that_starts_on_a_locked_frame_leaves_it_in_both_directions(annotator: Annotator) -> None:
    masklet = await a_clicked_masklet(annotator)
    prompted = await masks_of(annotator, masklet)
    await annotator.lock(masklet, 20)
    await annotator.propagate([masklet], 20)
    after = await masks_of(annotator, masklet)
    assert sorted(after) == list(range(NUM_FRAMES))
    assert after[20] == prompted[20]


async def test_a_locked_tracked_frame_is_all_a_run_needs(annotator: Annotator) -> None:
    masklet = await a_clicked_masklet(annotator)
    await annotator.propagate([masklet], 20, direction="forward", last_frame=22)
    await annotator.lock(masklet, 22)
    await annotator.clear(masklet, 20)
    run = await annotator.propagate([masklet], 22, direction="forward", last_frame=25)
    assert (run["state"], run["total"]) == ("done", 3)
    await annotator.lock(masklet, 22, locked=False)
    assert refused(await annotator.start_run([masklet], 22)) == (409, "nothing-to-propagate")


async def test_a_run_that_waits_stops_at_a_frame_that_is_locked_meanwhile(gated: Annotator, gate: Gate) -> None:
    masklet = await a_clicked_masklet(gated, frame=0)
    started = (await gated.start_run([masklet], 0, direction="forward")).json()
    await gated.until_run(started["id"], lambda run: run["done"] >= 3)
    await gate.shut()
    before = await masks_at_rest(gated, masklet)
    barrier = max(before) + 4
    assert barrier < NUM_FRAMES, "the run was faster than the gate"
    assert (await gated.lock(masklet, barrier)).status_code == 200
    await gate.open()
    assert (await gated.run_ended(started["id"]))["state"] == "done"
    after = await masks_of(gated, masklet)
    assert sorted(after) == list(range(barrier))
    assert {frame: after[frame] for frame in before} == before


async def test_a_lock_during_a_run_holds_from_the_answer_on(annotator: Annotator) -> None:
    masklet = await a_clicked_masklet(annotator, frame=0)
    started = (await annotator.start_run([masklet], 0, direction="forward")).json()
    await annotator.until_run(started["id"], lambda run: run["done"] >= 2)
    assert (await annotator.lock(masklet, 12)).status_code == 200
    at_lock: dict[int, str] = await masks_of(annotator, masklet)
    run: dict[str, Any] = await annotator.run_ended(started["id"])
    assert (run["state"], run["done"], run["problem"]) == ("done", run["total"], None)
    after = await masks_of(annotator, masklet)
    assert set(range(12)) <= set(after)
    assert {frame: mask for frame, mask in after.items() if frame >= 12} == {
        frame: mask for frame, mask in at_lock.items() if frame >= 12
    }


async def test_unlocking_during_a_run_lets_it_go_on(gated: Annotator, gate: Gate) -> None:
    masklet = await a_clicked_masklet(gated, frame=0)
    await gated.lock(masklet, 30)
    started = (await gated.start_run([masklet], 0, direction="forward")).json()
    await gate.shut()
    await gated.lock(masklet, 30, locked=False)
    await gate.open()
    run = await gated.run_ended(started["id"])
    assert (run["state"], run["done"], run["total"]) == ("done", NUM_FRAMES - 1, NUM_FRAMES - 1)
    assert sorted(await gated.frames(masklet)) == list(range(NUM_FRAMES))


async def test_a_frame_that_waits_for_its_mask_is_not_locked(gated: Annotator, gate: Gate) -> None:
    masklet = await a_clicked_masklet(gated)
    await gate.shut()
    waiting = await gated.prompt(masklet, 10, click(120, 150))
    assert waiting.status_code == 503
    assert refused(await gated.lock(masklet, 8, 12)) == (409, "mask-pending")
    assert (await gated.lock(masklet, 11, 12)).status_code == 200


async def test_a_lock_leaves_the_verdict_as_it_is_also_when_it_is_undone(annotator: Annotator) -> None:
    masklet = await a_clicked_masklet(annotator)
    await annotator.propagate([masklet], 20)
    assert (await annotator.verdict(masklet, "satisfactory")).is_success
    await annotator.lock(masklet, 3)
    await annotator.undo_top()
    assert [found["verdict"] for found in (await annotator.changes())["masklets"]] == ["satisfactory"]
