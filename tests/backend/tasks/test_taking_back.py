"""Undo and redo where several people work and judge: what comes back, and what each stops at."""

import pytest

from tests.backend.tasks.crew import Crew
from tests.backend.tasks.test_flow import annotated, judge, open_kinds
from tests.backend.tasks.test_leases import slug
from tests.backend.workplace import disk


async def test_undo_brings_the_verdict_back_with_the_pixels(crew: Crew) -> None:
    masklet = await annotated(crew)
    await judge(crew, masklet, "satisfactory")
    await crew.ann.changes()
    before = (await crew.ann.frames(masklet))[0]["mask"]["id"]
    await crew.ann.draw(masklet, 0, disk(60, 60, 9))
    (undone,) = (await crew.ann.undo_top())["masklets"]
    assert (undone["verdict"], undone["work"]) == ("satisfactory", "settled")
    assert (await crew.ann.frames(masklet))[0]["mask"]["id"] == before
    assert await open_kinds(crew) == []
    (redone,) = (await crew.ann.redo_top())["masklets"]
    assert (redone["verdict"], redone["work"]) == (None, "verifying")
    assert await open_kinds(crew) == [("verify", None)]


async def test_undo_of_a_deletion_brings_the_verdict_back(crew: Crew) -> None:
    masklet = await annotated(crew)
    await judge(crew, masklet, "satisfactory")
    await crew.ann.changes()
    await crew.ann.delete(masklet)
    assert (await crew.ann.undo_top())["masklets"][0]["verdict"] == "satisfactory"


async def test_undo_is_ones_own(crew: Crew) -> None:
    mine, theirs = await crew.ann.outline(), await crew.ben.outline()
    top = (await crew.ben.changes())["history"]["undo"]
    assert top["masklet_id"] == theirs
    assert (await crew.vera.changes())["history"]["undo"] is None
    assert slug(await crew.vera.history("undo", top["id"])) == (409, "not-the-latest-action")
    await crew.ann.undo_top()  # although Ben did something later
    assert await crew.ann.frames(mine) == {}
    assert sorted(await crew.ben.frames(theirs)) == [0]


async def test_undo_stops_at_another_persons_later_change_and_says_so(crew: Crew) -> None:
    masklet = await crew.ann.outline()
    own = (await crew.ann.changes())["history"]["undo"]["id"]
    await crew.ben.changes()
    await crew.ben.draw(masklet, 0, disk(60, 60, 9))
    history = (await crew.ann.changes())["history"]
    assert history["undo"] is None
    assert history["undo_limit"] == "Ben changed Object 1 after you; undo stops there."
    refused = await crew.ann.history("undo", own)
    assert slug(refused) == (409, "not-the-latest-action")
    assert refused.json()["detail"] == history["undo_limit"]


async def test_undo_leaves_other_peoples_frames_of_the_same_object_alone(crew: Crew) -> None:
    masklet = await crew.ann.outline()
    await crew.ben.changes()
    await crew.ben.draw(masklet, 3, disk(60, 60, 9))
    await crew.ann.undo_top()
    assert sorted(await crew.ann.frames(masklet)) == [3]
    history = (await crew.ann.changes())["history"]  # next would be the object itself
    assert (history["undo"], history["undo_limit"]) == (None, "Ben changed Object 1 after you; undo stops there.")


async def test_undo_stops_at_another_persons_lock(crew: Crew) -> None:
    masklet = await crew.ann.outline()
    await crew.ben.changes()
    assert (await crew.ben.lock(masklet, 0)).status_code == 200
    assert (await crew.ann.changes())["history"]["undo"] is None


async def test_redo_stops_where_another_persons_earlier_step_is_back(crew: Crew) -> None:
    masklet = await crew.ann.create_masklet()
    await crew.ann.draw(masklet, 0, disk(60, 60, 9))
    await crew.ann.undo_top()
    await crew.ben.changes()
    await crew.ben.draw(masklet, 0, disk(90, 60, 9))
    await crew.ben.undo_top()
    own = (await crew.ben.changes())["history"]["redo"]["id"]
    await crew.ann.redo_top()
    anns = (await crew.ann.frames(masklet))[0]["mask"]["id"]
    limit = "Somebody changed Object 1 on the same frames after you undid this; redo stops there."
    history = (await crew.ben.changes())["history"]
    assert (history["redo"], history["redo_limit"]) == (None, limit)
    refused = await crew.ben.history("redo", own)
    assert slug(refused) == (409, "not-the-latest-action")
    assert (await crew.ann.frames(masklet))[0]["mask"]["id"] == anns


async def test_redo_stops_where_another_person_took_away_what_it_was_drawn_on(crew: Crew) -> None:
    masklet = await crew.ann.outline()
    await crew.ben.changes()
    await crew.ben.draw(masklet, 0, disk(90, 60, 9))
    own = (await crew.ben.changes())["history"]["undo"]["id"]
    await crew.ben.undo_top()
    await crew.ann.undo_top()
    assert slug(await crew.ben.history("redo", own)) == (409, "not-the-latest-action")
    await crew.ann.redo_top()
    assert (await crew.ben.history("redo", own)).status_code == 200  # everything is as it was


async def test_redo_stops_at_a_lock_that_is_back(crew: Crew) -> None:
    masklet = await crew.ann.outline()
    assert (await crew.ann.lock(masklet, 0)).status_code == 200
    await crew.ann.undo_top()
    await crew.ben.changes()
    await crew.ben.draw(masklet, 0, disk(90, 60, 9))
    own = (await crew.ben.changes())["history"]["undo"]["id"]
    await crew.ben.undo_top()
    await crew.ann.redo_top()
    assert slug(await crew.ben.history("redo", own)) == (409, "not-the-latest-action")


@pytest.mark.parametrize("verdict", ["satisfactory", "unsatisfactory", None])
async def test_undo_stops_at_a_submission_and_at_a_verdict(crew: Crew, verdict: str | None) -> None:
    masklet = await annotated(crew)
    if verdict is not None:
        await judge(crew, masklet, verdict)
    history = (await crew.ann.changes())["history"]
    assert history["undo"] is None
    assert history["undo_limit"] == "Object 1 was submitted or judged after it; undo stops there."


async def test_a_deletion_can_be_undone_past_ones_later_work_on_another_object(crew: Crew) -> None:
    first, second = await crew.ann.outline(), await crew.ann.outline()
    await crew.ann.delete(first)
    deletion = (await crew.ann.changes())["history"]["undo"]["id"]
    await crew.ann.draw(second, 2, disk(60, 60, 9))
    assert (await crew.ann.history("undo", deletion)).status_code == 200
    assert sorted(await crew.ann.frames(second)) == [0, 2]  # the later stroke stays
    assert sorted(await crew.ann.frames(first)) == [0]
    assert (await crew.ann.history("undo", deletion)).status_code == 200  # again: nothing more is undone
    assert sorted(await crew.ann.frames(second)) == [0, 2]


async def test_other_peoples_undone_steps_stay_theirs_to_redo(crew: Crew) -> None:
    mine, theirs = await crew.ann.outline(), await crew.ben.outline()
    await crew.ann.undo_top()
    await crew.ben.draw(theirs, 2, disk(60, 60, 9))
    await crew.ann.redo_top()
    assert sorted(await crew.ann.frames(mine)) == [0]
