"""Prompts: stored first, then asked, then answered."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from pycocotools import mask as coco
from sqlalchemy import select

from backend.db.engine import Sessions
from backend.tables import FrameMask
from tests.backend.conftest import NUM_FRAMES
from tests.backend.gate import Gate
from tests.backend.workplace import Annotator, click


async def test_a_click_is_answered_with_the_mask_the_model_gave(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    answer = await annotator.prompt(masklet, 3, click(70, 140))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    mask = body["frame"]["mask"]
    assert mask["source"] == "prompted"
    assert mask["size"] == [240, 320]
    decoded = coco.decode({"size": mask["size"], "counts": mask["counts"].encode()})
    assert decoded.sum() == mask["area"] > 0
    rows, columns = np.nonzero(decoded)
    assert mask["box"] == [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]
    assert body["frame"]["prompts"] == {"clicks": [click(70, 140)], "box": None, "candidate": None}
    assert body["masklet"]["version"] == 2
    assert len(body["masklet"]["model_version"]) == 12


async def test_the_same_request_again_gives_the_same_answer_and_makes_nothing_new(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    key = uuid4()
    first = await annotator.prompt(masklet, 3, click(70, 140), key=key, version=1)
    again = await annotator.prompt(masklet, 3, click(70, 140), key=key, version=1)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert (await annotator.changes())["history"]["undo"]["id"] == str(key)


async def test_a_key_reused_with_another_body_is_refused(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    key = uuid4()
    await annotator.prompt(masklet, 3, click(70, 140), key=key)
    other = await annotator.prompt(masklet, 3, click(71, 140), key=key)
    assert (other.status_code, other.json()["type"]) == (409, "urn:maskloom:problem:idempotency-key-reused")


async def test_an_edit_says_which_version_it_was_made_against(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    body = {"clicks": [click(70, 140)], "box": None}
    url = f"/api/masklets/{masklet}/frames/3/prompts"
    answer = await annotator.client.put(url, json=body, headers={"Idempotency-Key": str(uuid4())})
    assert (answer.status_code, answer.json()["type"]) == (428, "urn:maskloom:problem:precondition-required")


async def test_a_stale_edit_is_refused_with_the_current_version_and_changes_nothing(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    await annotator.prompt(masklet, 3, click(70, 140))
    before = await annotator.changes()
    answer = await annotator.prompt(masklet, 3, click(90, 140), version=1)
    assert (answer.status_code, answer.json()["version"]) == (412, 2)
    assert await annotator.changes() == before


NONSENSE: list[tuple[int, dict[str, object], str]] = [
    (NUM_FRAMES, {"clicks": [click(1, 1)], "box": None}, "frame-out-of-range"),
    (3, {"clicks": [], "box": None}, "empty-prompts"),
    (3, {"clicks": [click(321, 10)], "box": None}, "point-outside-video"),
    (3, {"clicks": [], "box": {"x0": 5, "y0": 5, "x1": 50, "y1": 241}}, "point-outside-video"),
    (3, {"clicks": [], "box": {"x0": 50, "y0": 5, "x1": 5, "y1": 40}}, "malformed-request"),
    (3, {"clicks": [{"x": 1, "y": 1, "label": "maybe"}], "box": None}, "malformed-request"),
    (-1, {"clicks": [click(1, 1)], "box": None}, "malformed-request"),
    (3, {"clicks": [click(1, 1)], "box": None, "candidate": 3}, "malformed-request"),
    (3, {"clicks": [], "box": {"x0": 5, "y0": 5, "x1": 50, "y1": 50}, "candidate": 1}, "malformed-request"),
]
"""Frame, prompts, and the problem that they are."""


async def test_a_prompt_that_makes_no_sense_is_refused_before_it_is_stored(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    for frame, body, slug in NONSENSE:
        answer = await annotator.edit("PUT", masklet, f"frames/{frame}/prompts", body)
        assert (answer.status_code, answer.json()["type"]) == (422, f"urn:maskloom:problem:{slug}"), (frame, body)
        assert (await annotator.changes())["frames"] == [], (frame, body)
        assert annotator.versions[masklet] == 1, (frame, body)


async def test_a_correction_replaces_the_prompt_set_and_both_masks_stay_stored(
    annotator: Annotator, sessions: Sessions
) -> None:
    masklet = await annotator.create_masklet()
    first = (await annotator.prompt(masklet, 3, click(70, 140))).json()["frame"]["mask"]
    second = (await annotator.prompt(masklet, 3, click(70, 140), click(200, 60, "negative"))).json()["frame"]["mask"]
    async with sessions.begin() as session:
        stored = set(await session.scalars(select(FrameMask.id)))
    assert stored == {UUID(first["id"]), UUID(second["id"])}


async def test_a_prompt_while_the_model_server_is_down_is_kept_and_the_same_request_finishes_it(
    gated: Annotator, gate: Gate
) -> None:
    masklet = await gated.create_masklet()
    await gate.shut()
    key = uuid4()
    answer = await gated.prompt(masklet, 3, click(70, 140), key=key)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:maskloom:problem:model-server-unavailable")
    assert answer.json()["version"] == 2
    kept = (await gated.frames(masklet))[3]
    assert kept["prompts"]["clicks"] == [click(70, 140)]
    assert kept["mask"] is None
    await gate.open()
    again = await gated.prompt(masklet, 3, click(70, 140), key=key, version=1)
    assert again.status_code == 200, again.text
    assert again.json()["frame"]["mask"]["source"] == "prompted"
    assert again.json()["masklet"]["version"] == 2


async def test_a_kept_prompt_gets_its_mask_without_anybody_asking_again(gated: Annotator, gate: Gate) -> None:
    masklet = await gated.create_masklet()
    await gated.prompt(masklet, 3, click(70, 140))
    await gate.shut()
    assert (await gated.prompt(masklet, 9, click(90, 140))).status_code == 503
    await gate.open()
    assert (await until_answered(gated, masklet, 9))["mask"]["source"] == "prompted"


async def test_a_kept_prompt_that_is_undone_never_gets_its_mask(gated: Annotator, gate: Gate) -> None:
    masklet = await gated.create_masklet()
    await gate.shut()
    assert (await gated.prompt(masklet, 9, click(90, 140))).status_code == 503
    assert (await gated.prompt(masklet, 3, click(70, 140))).status_code == 503
    await gated.undo_top()
    assert sorted(await gated.frames(masklet)) == [9]
    await gate.open()
    await until_answered(gated, masklet, 9)
    assert sorted(await gated.frames(masklet)) == [9]
    await gated.redo_top()
    assert (await until_answered(gated, masklet, 3))["mask"]["source"] == "prompted"


async def test_a_kept_prompt_and_a_correction_of_it_are_answered_in_order_and_undone_in_order(
    gated: Annotator, gate: Gate
) -> None:
    masklet = await gated.create_masklet()
    await gate.shut()
    assert (await gated.prompt(masklet, 3, click(70, 140))).status_code == 503
    await gate.open()
    corrected = await gated.prompt(masklet, 3, click(70, 140), click(200, 60, "negative"))
    assert corrected.status_code == 200, corrected.text
    assert (await gated.frames(masklet))[3] == corrected.json()["frame"]
    await gated.undo_top()
    first = (await gated.frames(masklet))[3]
    assert first["prompts"]["clicks"] == [click(70, 140)]
    assert first["mask"]["id"] != corrected.json()["frame"]["mask"]["id"]


async def until_answered(annotator: Annotator, masklet: str, frame: int) -> dict[str, Any]:
    """The frame once it has a mask."""
    for _ in range(400):
        found = await annotator.frames(masklet)
        if frame in found and found[frame]["mask"]:
            return found[frame]
        await asyncio.sleep(0.05)
    raise AssertionError("waited in vain")


async def test_two_prompts_sent_at_once_are_both_answered_and_the_later_one_holds(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    first, second = await asyncio.gather(
        annotator.prompt(masklet, 3, click(70, 140), version=1),
        annotator.prompt(masklet, 3, click(70, 140), click(75, 150), version=2),
        return_exceptions=False,
    )
    statuses = sorted([first.status_code, second.status_code])
    assert statuses in ([200, 200], [200, 412])  # the second may overtake the first
    frame = (await annotator.frames(masklet))[3]
    assert frame["mask"]["source"] == "prompted"


async def test_after_an_undo_the_model_continues_from_what_is_stored_and_not_from_what_it_remembers(
    annotator: Annotator,
) -> None:
    masklet = await annotator.create_masklet()
    await annotator.prompt(masklet, 3, click(70, 140))
    wanted = (await annotator.prompt(masklet, 9, click(88, 170))).json()["frame"]["mask"]
    await annotator.undo_top()
    await annotator.prompt(masklet, 9, click(300, 230))
    await annotator.undo_top()
    again = (await annotator.prompt(masklet, 9, click(88, 170))).json()["frame"]["mask"]
    assert again["counts"] == wanted["counts"]
