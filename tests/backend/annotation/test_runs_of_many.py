"""Runs of several objects carry what they can, and lose only the object that was changed."""

import pytest

from backend.annotation.propagation import attempt
from backend.annotation.propagation.pace import Pace
from tests.backend.conftest import NUM_FRAMES
from tests.backend.gate import Gate
from tests.backend.workplace import Annotator, click, disk

NOBODY = "00000000-0000-4000-8000-000000000000"


async def clicked(annotator: Annotator, x: float) -> str:
    masklet = await annotator.create_masklet()
    assert (await annotator.prompt(masklet, 0, click(x, 150))).status_code == 200
    return masklet


async def carried(annotator: Annotator, masklet: str) -> int:
    return len(await annotator.frames(masklet))


async def in_the_middle(gated: Annotator, gate: Gate, *masklets: str) -> str:
    """A run that stays where it is, however late the test looks, until the gate is released."""
    gate.hold(after_lines=10)
    started = (await gated.start_run([*masklets], 0, direction="forward")).json()
    await gated.until_run(started["id"], lambda run: run["done"] >= 4)
    return str(started["id"])


async def test_deleting_an_object_leaves_the_run_to_the_others(gated: Annotator, gate: Gate) -> None:
    kept, deleted = await clicked(gated, 120), await clicked(gated, 60)
    run_id = await in_the_middle(gated, gate, kept, deleted)
    assert (await gated.delete(deleted)).status_code == 200
    gate.release()
    run = await gated.run_ended(run_id)
    assert (run["state"], run["problem"], run["done"]) == ("done", None, run["total"])
    assert [(left["masklet_id"], left["slug"]) for left in run["left_out"]] == [(deleted, "masklet-not-found")]
    assert await carried(gated, kept) == NUM_FRAMES


async def test_undoing_an_edit_of_one_object_leaves_the_run_to_the_others(gated: Annotator, gate: Gate) -> None:
    kept, changed = await clicked(gated, 120), await clicked(gated, 60)
    run_id = await in_the_middle(gated, gate, kept, changed)
    assert (await gated.draw(changed, NUM_FRAMES - 1, disk(80, 150, 20))).status_code == 200
    await gated.undo_top()
    gate.release()
    run = await gated.run_ended(run_id)
    assert (run["state"], run["problem"]) == ("done", None)
    assert [(left["masklet_id"], left["slug"]) for left in run["left_out"]] == [(changed, "changed-meanwhile")]
    assert await carried(gated, kept) == NUM_FRAMES
    again = await gated.propagate([changed], 0, direction="forward")
    assert again["state"] == "done"
    assert await carried(gated, changed) == NUM_FRAMES


async def test_undo_after_such_a_run_takes_all_of_it_back(annotator: Annotator) -> None:
    kept, deleted = await clicked(annotator, 120), await clicked(annotator, 60)
    started = (await annotator.start_run([kept, deleted], 0, direction="forward")).json()
    await annotator.until_run(started["id"], lambda run: run["done"] >= 4)
    await annotator.delete(deleted)
    await annotator.run_ended(started["id"])
    await annotator.undo_top()  # of the deletion
    await annotator.undo_top()  # of the run
    assert [await carried(annotator, masklet) for masklet in (kept, deleted)] == [1, 1]


async def test_what_cannot_be_carried_is_named_and_the_rest_is_carried(annotator: Annotator) -> None:
    able, empty, gone = await clicked(annotator, 120), await annotator.create_masklet(), await clicked(annotator, 60)
    await annotator.delete(gone)
    run = await annotator.propagate([able, empty, gone], 0, direction="forward")
    assert (run["state"], run["masklet_ids"]) == ("done", [able])
    assert {left["masklet_id"]: left["slug"] for left in run["left_out"]} == {
        empty: "nothing-to-propagate",
        gone: "masklet-not-found",
    }
    assert all(left["detail"] for left in run["left_out"])
    assert await carried(annotator, able) == NUM_FRAMES


async def test_a_run_that_is_going_on_keeps_its_object_and_another_takes_the_rest(gated: Annotator, gate: Gate) -> None:
    one, other = await clicked(gated, 120), await clicked(gated, 60)
    first = await in_the_middle(gated, gate, one)
    second = (await gated.start_run([one, other], 0, direction="forward")).json()
    assert [(left["masklet_id"], left["slug"]) for left in second["left_out"]] == [(one, "propagation-running")]
    gate.release()
    for run_id in (first, second["id"]):
        assert (await gated.run_ended(run_id))["state"] == "done"
    assert await carried(gated, other) == NUM_FRAMES


async def test_a_mask_says_what_it_was_carried_from_also_if_that_changes_during_the_run(annotator: Annotator) -> None:
    masklet = await clicked(annotator, 120)
    before = await drawn(annotator, masklet)
    started = (await annotator.start_run([masklet], 0, direction="forward")).json()
    await annotator.until_run(started["id"], lambda run: run["done"] >= 4)
    await annotator.draw(masklet, NUM_FRAMES - 1, disk(150, 100, 20))
    await annotator.run_ended(started["id"])
    assert await drawn(annotator, masklet) != before
    assert await built_on(annotator, masklet) == {before}
    await annotator.propagate([masklet], 0, direction="forward")
    assert await built_on(annotator, masklet) == {await drawn(annotator, masklet)}


async def drawn(annotator: Annotator, masklet: str) -> int:
    masks = [frame["mask"] for frame in (await annotator.frames(masklet)).values()]
    return sum(int(mask["id"][:8], 16) for mask in masks if mask["source"] != "propagated")


async def built_on(annotator: Annotator, masklet: str) -> set[int]:
    masks = [frame["mask"] for frame in (await annotator.frames(masklet)).values()]
    return {mask["built_on"] for mask in masks if mask["source"] == "propagated"}


@pytest.mark.parametrize("masklets", [[NOBODY], None])
async def test_a_run_with_nothing_to_carry_is_refused(annotator: Annotator, masklets: list[str] | None) -> None:
    empty = await annotator.create_masklet()
    answer = await annotator.start_run(masklets or [empty], 0)
    assert answer.status_code == (404 if masklets else 409)


async def test_more_objects_than_are_carried_at_once_are_carried_one_lot_after_the_other(
    annotator: Annotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "OBJECTS_AT_ONCE", 2)
    masklets = [await clicked(annotator, 60 + 20 * number) for number in range(5)]
    run = await annotator.propagate(masklets, 0, direction="forward")
    assert (run["state"], run["done"], run["total"]) == ("done", 5 * (NUM_FRAMES - 1), 5 * (NUM_FRAMES - 1))
    assert [await carried(annotator, masklet) for masklet in masklets] == [NUM_FRAMES] * 5


async def test_more_than_a_hundred_objects_are_taken(annotator: Annotator) -> None:
    able = await clicked(annotator, 120)
    empty = [await annotator.create_masklet() for _ in range(120)]
    run = await annotator.propagate([able, *empty], 0, direction="forward", last_frame=3)
    assert (run["state"], len(run["left_out"])) == ("done", 120)


def test_the_time_left_does_not_jump_on_a_busy_machine() -> None:
    now = 0.0
    pace = Pace(clock=lambda: now)
    told: list[float] = []
    left = 3000
    for second in range(200):
        now = float(second)
        masks = 0 if second % 7 in (2, 3, 4, 5) else 20  # busy for four seconds of seven
        pace.add(masks)
        left -= masks
        speed = pace.frames_per_second()
        if second > 30 and speed is not None and left > 0:
            told.append(second + left / speed)
    assert told
    assert max(told) / min(told) < 1.2
