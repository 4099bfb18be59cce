"""What is accepted, deleted or cannot be redone is compacted in time: nothing that anybody sees or counts changes."""

import random
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text

from backend.annotation.compaction.service import compact
from backend.annotation.record.history_queries import refined_by_prompts
from backend.db.engine import Sessions
from backend.tables import FrameChange, FrameMask, FrameState, PromptSet
from tests.backend.annotation.test_stored_once import scribble
from tests.backend.workplace import Annotator, click, disk

UNDO_DAYS = 14
STAMPED = {"actions": ["created_at", "turned_at"], "verdicts": ["created_at"], "masklets": ["created_at"]}


async def days_pass(sessions: Sessions, days: int) -> None:
    """Everything that was done lies longer ago."""
    async with sessions.begin() as session:
        for table, columns in STAMPED.items():
            for column in columns:
                await session.execute(text(f"UPDATE {table} SET {column} = {column} - interval '{days} days'"))


async def accept(annotator: Annotator, *masklets: str) -> None:
    for masklet in masklets:
        answer = await annotator.verdict(masklet, "satisfactory")
        assert answer.status_code in (200, 201), answer.text


async def drawn_throughout(annotator: Annotator) -> str:
    """A masklet with a mask on every annotated frame."""
    masklet = await annotator.create_masklet()
    for frame in range(0, annotator.video.num_frames, 4):
        await annotator.draw(masklet, frame, disk(100, 100, 25))
    return masklet


async def seen(annotator: Annotator) -> dict[str, Any]:
    """All that people see and count: masks, versions, figures, lists, the audit trail."""
    changes = await annotator.changes()
    project, video = annotator.video.project_id, annotator.video.video_id
    paths = [
        f"projects/{project}/insights",
        f"projects/{project}/insights/phase_table.csv",
        f"projects/{project}/insights/people_weeks.csv",
        f"projects/{project}/review",
        f"projects/{project}/videos",
        f"projects/{project}/audit",
        f"videos/{video}/timing",
    ]
    answers = {path: await annotator.client.get(f"/api/{path}") for path in paths}
    assert {answer.status_code for answer in answers.values()} == {200}, answers
    return {
        **{path: re.sub(r'"computed_at":"[^"]*"', "", answer.text) for path, answer in answers.items()},
        "masklets": [masklet for masklet in changes["masklets"] if not masklet["deleted"]],
        "frames": [
            frame
            for frame in changes["frames"]
            if frame["masklet_id"] in {each["id"] for each in changes["masklets"] if not each["deleted"]}
        ],
    }


async def count(sessions: Sessions, table: Any, masklet: str) -> int:
    async with sessions.begin() as session:
        rows = select(func.count()).select_from(table).where(table.masklet_id == UUID(masklet))
        return await session.scalar(rows) or 0


async def size(sessions: Sessions) -> int:
    """Bytes of all masks, prompts and requests."""
    async with sessions.begin() as session:
        sizes = [
            await session.scalar(text(f"SELECT coalesce(sum(pg_column_size(row.*)), 0) FROM {table} AS row"))
            for table in ("frame_masks", "prompt_sets", "frame_changes", "actions")
        ]
    return int(sum(sizes))


async def test_the_masks_that_edits_superseded_go_after_acceptance(annotator: Annotator, sessions: Sessions) -> None:
    masklet = await drawn_throughout(annotator)
    for number in range(67):
        await annotator.draw(masklet, number % 3 * 4, scribble(number))
    await accept(annotator, masklet)
    before, bytes_before = await seen(annotator), await size(sessions)
    assert await compact(sessions, undo_days=UNDO_DAYS) == 0
    await days_pass(sessions, UNDO_DAYS + 1)
    assert await compact(sessions, undo_days=0) == 0
    then = await seen(annotator)
    assert await compact(sessions, undo_days=UNDO_DAYS) == 67
    assert await count(sessions, FrameMask, masklet) == 10
    assert await seen(annotator) == then
    assert then["frames"] == before["frames"]
    assert await size(sessions) < bytes_before / 5
    use = (await annotator.client.get(f"/api/projects/{annotator.video.project_id}/disk-use")).json()
    assert 0 < use["masks"] < 10 * 6000
    assert await compact(sessions, undo_days=UNDO_DAYS) == 0


async def test_undo_stops_at_what_was_compacted_and_tells_why(annotator: Annotator, sessions: Sessions) -> None:
    masklet, key = await drawn_throughout(annotator), uuid4()
    await annotator.draw(masklet, 0, disk(110, 100, 25), key=key)
    await accept(annotator, masklet)
    await days_pass(sessions, UNDO_DAYS + 1)
    await compact(sessions, undo_days=UNDO_DAYS)
    history = (await annotator.changes())["history"]
    assert history["undo"] is None
    assert "compacted" in history["undo_limit"]
    refused = await annotator.history("undo", str(key))
    assert refused.status_code == 409
    assert "compacted" in refused.json()["detail"]
    held = await annotator.frames(masklet)
    await annotator.draw(masklet, 0, disk(120, 100, 25))
    await annotator.undo_top()
    assert (await annotator.frames(masklet))[0]["mask"] == held[0]["mask"]
    await annotator.redo_top()
    assert (await annotator.frames(masklet))[0]["mask"] != held[0]["mask"]


async def test_what_was_undone_and_cannot_be_redone_goes_without_acceptance(
    annotator: Annotator, sessions: Sessions
) -> None:
    masklet = await drawn_throughout(annotator)
    await annotator.prompt(masklet, 2, click(70, 140), click(80, 140))
    await annotator.undo_top()
    await annotator.draw(masklet, 4, disk(120, 100, 25))
    await days_pass(sessions, UNDO_DAYS + 1)
    before, masks = await seen(annotator), await count(sessions, FrameMask, masklet)
    assert await compact(sessions, undo_days=UNDO_DAYS) == 1
    assert await count(sessions, FrameMask, masklet) == masks - 1
    assert await count(sessions, PromptSet, masklet) == 0
    assert await seen(annotator) == before
    await annotator.undo_top()  # steps in force are kept: nobody accepted them
    await annotator.undo_top()


async def test_what_can_still_be_redone_is_kept_until_its_masklet_is_settled(
    annotator: Annotator, sessions: Sessions
) -> None:
    masklet = await drawn_throughout(annotator)
    await annotator.draw(masklet, 4, disk(120, 100, 25))
    await annotator.undo_top()
    await days_pass(sessions, UNDO_DAYS + 1)
    assert await compact(sessions, undo_days=UNDO_DAYS) == 0
    await annotator.redo_top()
    await annotator.undo_top()
    await accept(annotator, masklet)
    await days_pass(sessions, UNDO_DAYS + 1)
    assert await compact(sessions, undo_days=UNDO_DAYS) == 1
    assert (await annotator.changes())["history"]["redo"] is None


async def test_a_deleted_masklet_can_be_brought_back_for_the_stated_time_only(
    annotator: Annotator, sessions: Sessions
) -> None:
    masklet, key = await drawn_throughout(annotator), uuid4()
    await days_pass(sessions, UNDO_DAYS + 1)
    await annotator.delete(masklet, key=key)
    assert await compact(sessions, undo_days=UNDO_DAYS) == 0
    await annotator.undo_top()
    await annotator.redo_top()
    await days_pass(sessions, UNDO_DAYS + 1)
    before = await seen(annotator)
    assert await compact(sessions, undo_days=UNDO_DAYS) == 10
    assert [await count(sessions, table, masklet) for table in (FrameMask, FrameState, FrameChange)] == [0, 0, 0]
    assert (await annotator.history("undo", str(key))).status_code == 409
    assert await seen(annotator) == before
    other = await annotator.create_masklet()
    found = {each["id"]: each["number"] for each in (await annotator.changes())["masklets"]}
    assert found[other] == found[masklet] + 1


async def test_a_run_of_two_objects_goes_with_the_one_that_was_accepted_and_stays_with_the_other(
    annotator: Annotator, sessions: Sessions
) -> None:
    one, other = await annotator.create_masklet(), await annotator.create_masklet()
    for masklet in (one, other):
        await annotator.draw(masklet, 0, disk(100, 100, 25))
    await annotator.propagate([one, other], 0)
    await annotator.draw(one, 0, disk(110, 100, 25))
    await annotator.propagate([one, other], 0)
    await accept(annotator, one)
    await days_pass(sessions, UNDO_DAYS + 1)
    before, kept = await seen(annotator), await count(sessions, FrameMask, other)
    assert await compact(sessions, undo_days=UNDO_DAYS) == 40
    assert await count(sessions, FrameMask, one) == 40
    assert await count(sessions, FrameMask, other) == kept
    assert await seen(annotator) == before


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 8))])
@pytest.mark.long
async def test_compaction_changes_nothing_that_people_see_or_count(
    annotator: Annotator, sessions: Sessions, seed: int
) -> None:
    rng, objects = random.Random(seed), [await drawn_throughout(annotator) for _ in range(3)]
    deleted = 0
    for _step in range(70):
        await something(annotator, sessions, rng, objects)
        if rng.random() < 0.15:
            before, refined = await seen(annotator), await all_refined(sessions, objects)
            number = await compact(sessions, undo_days=UNDO_DAYS)
            assert await seen(annotator) == before
            assert await all_refined(sessions, objects) == refined
            await nothing_points_at_what_is_gone(sessions)
            deleted += number
    assert deleted
    while (await annotator.changes())["history"]["undo"]:
        await annotator.undo_top()
    await nothing_points_at_what_is_gone(sessions)


async def something(annotator: Annotator, sessions: Sessions, rng: random.Random, objects: list[str]) -> None:
    """One random edit, step of the history, verdict or passage of time. Refusals are part of it."""
    history, masklet = (await annotator.changes())["history"], rng.choice(objects)
    frame, x = rng.choice([0, 4, 8, 9]), rng.randrange(60, 200)
    match rng.choice(["draw", "draw", "prompt", "refine", "clear", "lock", "undo", "undo", "redo", "accept", "days"]):
        case "draw":
            await annotator.draw(masklet, frame, disk(x, 100, 25))
        case "prompt":
            await annotator.prompt(masklet, frame, click(x, 140))
        case "refine":
            await annotator.prompt(masklet, frame, click(x, 140), click(x + 5, 150))
        case "clear":
            await annotator.clear(masklet, 9)
        case "lock":
            await annotator.lock(masklet, 12, 14, locked=rng.random() < 0.5)
        case "undo" | "redo" as which if history[which]:
            await annotator.history(which, history[which]["id"])
        case "accept":
            await annotator.verdict(masklet, "satisfactory")
        case "days":
            await days_pass(sessions, rng.choice([3, 15]))
        case _:
            pass


async def all_refined(sessions: Sessions, objects: list[str]) -> list[dict[int, Any]]:
    """What the model server is told that the masks of prompted frames refine."""
    async with sessions.begin() as session:
        return [await refined_by_prompts(session, UUID(masklet), before=None) for masklet in objects]


async def nothing_points_at_what_is_gone(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        for pointer in (
            FrameState.mask_id,
            FrameChange.before_mask_id,
            FrameChange.after_mask_id,
        ):
            gone = select(pointer).where(pointer.is_not(None), pointer.not_in(select(FrameMask.id)))
            assert (await session.scalars(gone)).all() == []
        for pointer in (FrameState.prompt_set_id, FrameChange.before_prompts_id, FrameChange.after_prompts_id):
            gone = select(pointer).where(pointer.is_not(None), pointer.not_in(select(PromptSet.id)))
            assert (await session.scalars(gone)).all() == []
