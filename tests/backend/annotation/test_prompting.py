"""Prompts: stored first, then asked, then answered."""

from uuid import uuid4

import numpy as np
from pycocotools import mask as coco

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
    assert body["frame"]["prompts"] == {"clicks": [click(70, 140)], "box": None}
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
