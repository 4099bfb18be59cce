"""What a person draws or asks is in one row of the database, and only its hash in the request that brought it."""

from typing import Any
from uuid import uuid4

import numpy as np
from sqlalchemy import func, select, text, update

from backend.db.engine import Sessions
from backend.tables import Action, FrameMask, PromptSet, Run, Table
from tests.backend.gate import Gate
from tests.backend.workplace import Annotator, click, disk, encoded
from tests.clips import HEIGHT, WIDTH

NUM_EDITS = 133


def scribble(seed: int) -> np.ndarray:
    """bool (HEIGHT, WIDTH), with many runs."""
    return disk(120, 100, 60) & (np.random.default_rng(seed).random((HEIGHT, WIDTH)) < 0.5)


async def rows_with(sessions: Sessions, what: str) -> list[str]:
    """The tables of the rows that hold this text, as text or as bytes."""
    found: list[str] = []
    async with sessions.begin() as session:
        for name in Table.metadata.tables:
            held = f"SELECT count(*) FROM {name} AS row WHERE row::text LIKE :text OR row::text LIKE :bytes"
            like = {"text": f"%{what}%", "bytes": f"%{what.encode().hex()}%"}
            found += [name] * (await session.scalar(text(held), like) or 0)
    return found


async def test_a_drawn_mask_is_in_one_row(annotator: Annotator, sessions: Sessions) -> None:
    masklet, drawn = await annotator.create_masklet(), scribble(0)
    assert (await annotator.draw(masklet, 2, drawn)).status_code == 200
    inner = encoded(drawn)["counts"][100:140].replace("\\", "_").replace("%", "_")
    assert await rows_with(sessions, inner) == ["frame_masks"]


async def test_a_click_is_in_one_row(annotator: Annotator, sessions: Sessions) -> None:
    masklet = await annotator.create_masklet()
    assert (await annotator.prompt(masklet, 2, click(71.0625, 140))).status_code == 200
    assert await rows_with(sessions, "71.0625") == ["prompt_sets"]


async def test_what_a_propagation_was_asked_for_is_in_its_run(annotator: Annotator, sessions: Sessions) -> None:
    masklet = await annotator.create_masklet()
    await annotator.draw(masklet, 2, disk(100, 100, 30))
    key = uuid4()
    await annotator.propagate([masklet], 2, last_frame=5, key=key)
    async with sessions.begin() as session:
        request = await session.scalar(select(Action.request).where(Action.id == key))
        run = (await session.scalars(select(Run))).one()
    assert request is not None
    assert request["body"] == {}
    assert [str(each) for each in run.masklet_ids] == [masklet]


async def test_edits_take_as_much_as_their_masks_and_little_more(annotator: Annotator, sessions: Sessions) -> None:
    masklet = await annotator.create_masklet()
    for number in range(NUM_EDITS):
        assert (await annotator.draw(masklet, number % 5, scribble(number))).status_code == 200
    async with sessions.begin() as session:
        masks = await session.scalar(select(func.sum(func.pg_column_size(FrameMask.counts)))) or 0
        actions = await session.scalar(text("SELECT sum(pg_column_size(actions.*)) FROM actions")) or 0
    assert masks > NUM_EDITS * 3000
    assert actions < (NUM_EDITS + 1) * 600


async def test_a_repeated_request_is_recognised_and_another_mask_under_its_key_refused(annotator: Annotator) -> None:
    masklet, key, version = await annotator.create_masklet(), uuid4(), 1
    first = await annotator.draw(masklet, 2, disk(100, 100, 30), key=key, version=version)
    again = await annotator.draw(masklet, 2, disk(100, 100, 30), key=key, version=version)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["frame"] == first.json()["frame"]
    other = await annotator.draw(masklet, 2, disk(100, 100, 31), key=key, version=version)
    assert (other.status_code, other.json()["type"]) == (409, "urn:maskloom:problem:idempotency-key-reused")


async def test_a_prompt_left_without_its_mask_is_asked_from_the_prompt_set(
    gated: Annotator, gate: Gate, sessions: Sessions
) -> None:
    masklet, key = await gated.create_masklet(), uuid4()
    await gate.shut()
    assert (await gated.prompt(masklet, 3, click(70, 140), key=key)).status_code == 503
    async with sessions.begin() as session:
        await session.execute(update(Action).where(Action.id == key).values(request={}))
        assert (await session.scalars(select(PromptSet.clicks))).one() == [click(70, 140)]
    await gate.open()
    answer = await gated.prompt(masklet, 3, click(70, 140), key=key)
    assert answer.status_code == 200, answer.text
    found: Any = answer.json()["frame"]["mask"]
    assert found["source"] == "prompted"
