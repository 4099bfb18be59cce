"""Propagations belong to the backend: every mask is stored as it arrives."""

import asyncio
from uuid import uuid4

import pytest

from tests.backend.conftest import NUM_FRAMES
from tests.backend.gate import Gate
from tests.backend.model_process import ModelProcess
from tests.backend.workplace import Annotator, click, disk


async def a_clicked_masklet(annotator: Annotator, frame: int = 20) -> str:
    masklet = await annotator.create_masklet()
    answer = await annotator.prompt(masklet, frame, click(120, 150))
    assert answer.status_code == 200, answer.text
    return masklet


async def test_a_run_both_ways_gives_every_frame_a_mask_and_keeps_the_prompted_one(annotator: Annotator) -> None:
    masklet = await a_clicked_masklet(annotator)
    prompted = (await annotator.frames(masklet))[20]
    run = await annotator.propagate([masklet], 20)
    assert (run["state"], run["done"], run["total"]) == ("done", NUM_FRAMES - 1, NUM_FRAMES - 1)
    frames = await annotator.frames(masklet)
    assert sorted(frames) == list(range(NUM_FRAMES))
    assert frames[20] == prompted
    assert {frame["mask"]["source"] for index, frame in frames.items() if index != 20} == {"propagated"}
    assert {frame["mask"]["run_id"] for index, frame in frames.items() if index != 20} == {run["id"]}


async def test_undo_takes_a_whole_propagation_back_in_one_step_and_redo_brings_it_again(annotator: Annotator) -> None:
    masklet = await a_clicked_masklet(annotator)
    await annotator.propagate([masklet], 20, direction="forward")
    after = await annotator.frames(masklet)
    undone = await annotator.undo_top()
    assert len(undone["frames"]) == NUM_FRAMES - 21
    assert sorted(await annotator.frames(masklet)) == [20]
    await annotator.redo_top()
    again = await annotator.frames(masklet)
    assert {index: frame["mask"]["id"] for index, frame in again.items()} == {
        index: frame["mask"]["id"] for index, frame in after.items()
    }


async def test_a_second_run_of_the_same_masklet_is_refused_while_the_first_is_running(annotator: Annotator) -> None:
    masklet = await a_clicked_masklet(annotator)
    first = await annotator.start_run([masklet], 20)
    second = await annotator.start_run([masklet], 20)
    assert (second.status_code, second.json()["type"]) == (409, "urn:maskloom:problem:propagation-running")
    assert (await annotator.run_ended(first.json()["id"]))["state"] == "done"


async def a_run_in_the_middle(gated: Annotator, gate: Gate, masklet: str) -> str:
    """A run that stays where it is, however late the test looks, until the gate is released."""
    gate.hold(after_lines=8)
    started = (await gated.start_run([masklet], 20)).json()
    await gated.until_run(started["id"], lambda run: run["done"] >= 3)
    return str(started["id"])


async def test_cancel_stops_at_once_and_keeps_what_is_stored(gated: Annotator, gate: Gate) -> None:
    masklet = await a_clicked_masklet(gated)
    run_id = await a_run_in_the_middle(gated, gate, masklet)
    cancelled = await gated.client.post(f"/api/runs/{run_id}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    stored = await gated.frames(masklet)
    assert 3 < len(stored) < NUM_FRAMES
    gate.release()
    await asyncio.sleep(0.5)
    assert await gated.frames(masklet) == stored
    rest = await gated.propagate([masklet], 20)
    assert rest["state"] == "done"
    assert len(await gated.frames(masklet)) == NUM_FRAMES


async def test_undo_of_a_running_propagation_stops_it_and_leaves_nothing_of_it(gated: Annotator, gate: Gate) -> None:
    masklet = await a_clicked_masklet(gated)
    run_id = await a_run_in_the_middle(gated, gate, masklet)
    await gated.undo_top()
    gate.release()
    assert (await gated.run_ended(run_id))["state"] == "cancelled"
    await asyncio.sleep(0.3)
    assert sorted(await gated.frames(masklet)) == [20]


async def test_a_prompt_during_a_run_wins_on_its_frame_and_the_run_goes_on(annotator: Annotator) -> None:
    masklet = await a_clicked_masklet(annotator, frame=0)
    started = (await annotator.start_run([masklet], 0, direction="forward")).json()
    answer = await annotator.prompt(masklet, 35, click(200, 150))
    assert answer.status_code == 200, answer.text
    assert (await annotator.run_ended(started["id"]))["state"] == "done"
    frames = await annotator.frames(masklet)
    assert frames[35]["mask"]["source"] == "prompted"
    assert len(frames) == NUM_FRAMES


async def test_a_propagation_never_overwrites_what_a_person_drew(annotator: Annotator) -> None:
    masklet = await a_clicked_masklet(annotator)
    drawn = await annotator.draw(masklet, 25, disk(100, 100, 30))
    assert drawn.status_code == 200, drawn.text
    absent = await annotator.draw(masklet, 30, disk(0, 0, 0), tool="absent")
    run = await annotator.propagate([masklet], 20, direction="forward")
    assert run["total"] == NUM_FRAMES - 20 - 3
    frames = await annotator.frames(masklet)
    assert frames[25] == drawn.json()["frame"]
    assert frames[30] == absent.json()["frame"]
    assert frames[30]["mask"]["source"] == "absent"
    assert frames[30]["mask"]["area"] == 0


async def test_several_masklets_are_carried_together(annotator: Annotator) -> None:
    masklets = [await a_clicked_masklet(annotator), await a_clicked_masklet(annotator, frame=10)]
    run = await annotator.propagate(masklets, 20)
    assert (run["state"], run["total"]) == ("done", 2 * NUM_FRAMES - 2)
    for masklet in masklets:
        assert len(await annotator.frames(masklet)) == NUM_FRAMES


async def test_a_masklet_nobody_prompted_cannot_be_propagated(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    answer = await annotator.start_run([masklet], 0)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:maskloom:problem:nothing-to-propagate")


@pytest.mark.parametrize("window", [(30, 10), (0, NUM_FRAMES), (21, 30)])
async def test_a_range_that_is_not_one_is_refused(annotator: Annotator, window: tuple[int, int]) -> None:
    masklet = await a_clicked_masklet(annotator)
    answer = await annotator.start_run([masklet], 20, first_frame=window[0], last_frame=window[1])
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:maskloom:problem:frame-out-of-range")


async def test_the_same_run_request_again_is_the_same_run(annotator: Annotator) -> None:
    masklet = await a_clicked_masklet(annotator)
    key = uuid4()
    first = await annotator.start_run([masklet], 20, key=key)
    again = await annotator.start_run([masklet], 20, key=key)
    assert first.json()["id"] == again.json()["id"]
    assert (await annotator.run_ended(first.json()["id"]))["state"] == "done"


async def test_deleting_a_masklet_stops_its_run_and_undo_brings_it_back_with_its_masks(
    gated: Annotator, gate: Gate
) -> None:
    masklet = await a_clicked_masklet(gated)
    run_id = await a_run_in_the_middle(gated, gate, masklet)
    answer = await gated.delete(masklet)
    assert answer.status_code == 200, answer.text
    assert answer.json()["deleted"]
    gate.release()
    assert (await gated.run_ended(run_id))["state"] == "cancelled"
    stored = await gated.frames(masklet)
    undone = await gated.undo_top()
    assert [found["deleted"] for found in undone["masklets"]] == [False]
    assert await gated.frames(masklet) == stored


async def test_a_model_server_killed_in_the_middle_costs_no_mask_and_the_run_finishes(
    annotator: Annotator, model_process: ModelProcess
) -> None:
    masklet = await a_clicked_masklet(annotator)
    started = (await annotator.start_run([masklet], 20)).json()
    await annotator.until_run(started["id"], lambda run: run["done"] >= 3)
    model_process.kill()
    before = await annotator.frames(masklet)
    assert len(before) < NUM_FRAMES
    model_process.start()
    run = await annotator.run_ended(started["id"])
    assert (run["state"], run["done"]) == ("done", run["total"])
    frames = await annotator.frames(masklet)
    assert len(frames) == NUM_FRAMES
    assert {index: frames[index]["mask"]["id"] for index in before} == {
        index: frame["mask"]["id"] for index, frame in before.items()
    }
    await annotator.undo_top()
    assert sorted(await annotator.frames(masklet)) == [20]


async def test_a_prompt_that_must_restore_the_object_during_a_run_does_not_end_the_run(annotator: Annotator) -> None:
    masklet = await a_clicked_masklet(annotator, frame=0)
    started = (await annotator.start_run([masklet], 0, direction="forward")).json()
    await annotator.until_run(started["id"], lambda run: run["done"] >= 2)
    drawn = await annotator.draw(masklet, 38, disk(100, 100, 20))  # the model does not know of this one
    answer = await annotator.prompt(masklet, 36, click(200, 150))
    assert (drawn.status_code, answer.status_code) == (200, 200), answer.text
    run = await annotator.run_ended(started["id"])
    assert (run["state"], run["done"], run["problem"]) == ("done", run["total"], None)
    sources = {index: frame["mask"]["source"] for index, frame in (await annotator.frames(masklet)).items()}
    assert len(sources) == NUM_FRAMES
    assert (sources[36], sources[38], sources[37]) == ("prompted", "edited", "propagated")


async def test_a_frame_is_warmed_without_a_click_and_a_wish_for_no_frame_is_refused(annotator: Annotator) -> None:
    url = f"/api/videos/{annotator.video.video_id}/warm"
    assert (await annotator.client.post(url, json={"frame_index": 3})).status_code == 202
    refused = await annotator.client.post(url, json={"frame_index": NUM_FRAMES})
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:maskloom:problem:frame-out-of-range")


async def test_the_model_behind_the_masks_is_the_model_the_api_names(annotator: Annotator) -> None:
    masklet = await a_clicked_masklet(annotator)
    model = (await annotator.client.get("/api/model")).json()
    assert (model["config_name"], model["card"], model["builtin"]) == ("mini", "# Mini", False)
    assert (await annotator.frames(masklet))[20]["mask"]["model_version"] == model["version"]


async def test_a_run_whose_connection_breaks_again_and_again_still_gets_every_frame_once(
    gated: Annotator, gate: Gate
) -> None:
    masklet = await a_clicked_masklet(gated, frame=0)
    started = (await gated.start_run([masklet], 0, direction="forward")).json()
    for stored in (4, 12, 20, 28):
        await gated.until_run(started["id"], lambda run, stored=stored: run["done"] >= stored)
        before = await gated.frames(masklet)
        await gate.shut()
        await gate.open()
        after = await gated.frames(masklet)
        assert {index: after[index]["mask"]["id"] for index in before} == {
            index: frame["mask"]["id"] for index, frame in before.items()
        }
    run = await gated.run_ended(started["id"])
    assert (run["state"], run["done"], run["problem"]) == ("done", run["total"], None)
    assert sorted(await gated.frames(masklet)) == list(range(NUM_FRAMES))
