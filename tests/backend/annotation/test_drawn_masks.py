"""Masks drawn by hand and frames cleared: they need no model."""

import numpy as np
from pycocotools import mask as coco

from backend.annotation.record.schemas import MOST_COUNTS
from tests.backend.gate import Gate
from tests.backend.workplace import Annotator, click, disk, encoded


async def test_a_drawn_mask_is_stored_as_drawn_while_the_model_server_is_down(gated: Annotator, gate: Gate) -> None:
    masklet = await gated.create_masklet()
    await gate.shut()
    mask = disk(100, 80, 25)
    answer = await gated.draw(masklet, 7, mask)
    assert answer.status_code == 200, answer.text
    stored = answer.json()["frame"]["mask"]
    assert (stored["source"], stored["area"], stored["counts"]) == ("edited", mask.sum(), encoded(mask)["counts"])
    assert stored["predicted_iou"] is None
    assert stored["model_version"] is None


async def test_clearing_makes_a_frame_unknown_and_undo_brings_it_back(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    await annotator.prompt(masklet, 7, click(80, 150))
    before = await annotator.frames(masklet)
    cleared = (await annotator.clear(masklet, 7)).json()["frame"]
    assert (cleared["prompts"], cleared["mask"]) == (None, None)
    assert await annotator.frames(masklet) == {}
    await annotator.undo_top()
    after = await annotator.frames(masklet)
    assert (after[7]["mask"], after[7]["prompts"]) == (before[7]["mask"], before[7]["prompts"])


async def test_clearing_an_unknown_frame_is_not_a_step_of_the_history(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    top = (await annotator.changes())["history"]["undo"]
    assert (await annotator.clear(masklet, 7)).status_code == 200
    assert (await annotator.changes())["history"]["undo"] == top


async def test_a_drawn_mask_is_what_the_next_propagation_starts_from(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    await annotator.draw(masklet, 7, disk(100, 80, 25))
    run = await annotator.propagate([masklet], 7, direction="forward", last_frame=10)
    assert run["state"] == "done"
    assert sorted(await annotator.frames(masklet)) == [7, 8, 9, 10]


NO_MASKS = [
    ([240, 321], encoded(disk(100, 80, 25))["counts"]),
    ([240, 320], encoded(disk(100, 80, 25))["counts"][:-1]),
    ([240, 320], "P" * 9),
    ([240, 320], "\x00\x01"),
    ([240, 320], "P`]<0"),
    ([240, 320], "é"),
    ([240, 320], "o" * 40 + "0"),
]


async def test_run_lengths_that_are_not_a_mask_of_this_video_are_refused(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    for size, counts in NO_MASKS:
        body = {"mask": {"size": size, "counts": counts}, "tool": "brush"}
        answer = await annotator.edit("PUT", masklet, "frames/7/mask", body)
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:maskloom:problem:bad-mask"), counts
        assert await annotator.frames(masklet) == {}, counts


async def test_a_mask_in_an_unusual_spelling_is_stored_in_the_canonical_one(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    mask = np.zeros((240, 320), bool)
    mask[:, :2] = True  # 0 zeros, 480 ones, the rest zeros; spelt with an empty run in the middle
    spelt = coco.frPyObjects({"size": [240, 320], "counts": [0, 240, 0, 240, 240 * 318]}, 240, 320)["counts"]
    body = {"mask": {"size": [240, 320], "counts": spelt.decode()}, "tool": "brush"}
    answer = await annotator.edit("PUT", masklet, "frames/7/mask", body)
    assert answer.json()["frame"]["mask"]["counts"] == encoded(mask)["counts"]


async def test_a_mask_that_nobody_draws_is_refused_before_it_costs_everybody_time(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    body = {"mask": {"size": [240, 320], "counts": "0" * (MOST_COUNTS + 1)}, "tool": "brush"}
    refused = await annotator.edit("PUT", masklet, "frames/7/mask", body)
    assert refused.status_code == 422
    assert "too intricate" in refused.json()["detail"]
    checkered = np.indices((240, 320)).sum(axis=0) % 2 == 0  # the most intricate of its size
    assert (await annotator.draw(masklet, 7, checkered)).status_code == 200
