"""The three candidates of a click: which one was chosen is part of the prompt set, through undo and restarts."""

from uuid import UUID, uuid4

from backend.annotation.record.history_queries import refined_by_prompts
from backend.db.engine import Sessions
from tests.backend.gate import Gate
from tests.backend.workplace import Annotator, click, disk


async def test_an_annotator_cycles_through_the_candidates_of_a_click(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    first = (await annotator.prompt(masklet, 3, click(70, 140))).json()["frame"]
    favourite = first["mask"]["candidate"]
    assert favourite in (0, 1, 2)
    assert first["prompts"]["candidate"] is None
    shown = [first]
    for turn in (1, 2, 3):
        answer = await annotator.prompt(masklet, 3, click(70, 140), candidate=(favourite + turn) % 3)
        shown.append(answer.json()["frame"])
    assert [frame["mask"]["candidate"] for frame in shown] == [(favourite + turn) % 3 for turn in range(4)]
    assert [frame["prompts"]["candidate"] for frame in shown[1:]] == [(favourite + turn) % 3 for turn in (1, 2, 3)]
    drawn = [frame["mask"]["counts"] for frame in shown]
    assert len(set(drawn)) == 3
    assert drawn[3] == drawn[0]


async def test_undo_and_redo_move_between_the_candidates(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    first = (await annotator.prompt(masklet, 3, click(70, 140))).json()["frame"]
    other = (first["mask"]["candidate"] + 1) % 3
    second = (await annotator.prompt(masklet, 3, click(70, 140), candidate=other)).json()["frame"]
    await annotator.undo_top()
    assert (await annotator.frames(masklet))[3] | {"seq": 0} == first | {"seq": 0}
    await annotator.redo_top()
    assert (await annotator.frames(masklet))[3] | {"seq": 0} == second | {"seq": 0}


async def test_further_clicks_refine_the_candidate_that_was_chosen(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    favourite = (await annotator.prompt(masklet, 3, click(70, 140))).json()["frame"]["mask"]["candidate"]
    both = (click(70, 140), click(200, 60, "negative"))
    refined = {
        choice: (await annotator.prompt(masklet, 3, *both, candidate=choice)).json()["frame"]
        for choice in (None, favourite, (favourite + 1) % 3)
    }
    counts = {choice: frame["mask"]["counts"] for choice, frame in refined.items()}
    assert counts[favourite] == counts[None] != counts[(favourite + 1) % 3]
    assert {frame["mask"]["candidate"] for frame in refined.values()} == {None}


async def test_a_candidate_chosen_while_the_model_server_is_down_is_the_one_that_comes(
    gated: Annotator, gate: Gate
) -> None:
    masklet = await gated.create_masklet()
    wanted = (await gated.prompt(masklet, 3, click(70, 140), candidate=2)).json()["frame"]["mask"]
    other = await gated.create_masklet()
    await gate.shut()
    key = uuid4()
    assert (await gated.prompt(other, 3, click(70, 140), candidate=2, key=key)).status_code == 503
    assert (await gated.frames(other))[3]["prompts"]["candidate"] == 2
    await gate.open()
    came = (await gated.prompt(other, 3, click(70, 140), candidate=2, key=key, version=1)).json()["frame"]["mask"]
    assert (came["candidate"], came["counts"]) == (2, wanted["counts"])


async def test_after_an_undo_every_candidate_is_as_it_was_before(annotator: Annotator) -> None:
    """The undo makes the model server forget; what it is given back must not leak into the next answer."""
    masklet = await annotator.create_masklet()
    await annotator.prompt(masklet, 3, click(70, 140))
    for frame in (3, 20):
        masks = [await candidate_mask(annotator, masklet, frame, candidate) for candidate in (0, 1, 2)]
        await annotator.undo_top()
        assert await candidate_mask(annotator, masklet, frame, 0) == masks[0]
        assert await candidate_mask(annotator, masklet, frame, 2) == masks[2]


async def test_prompts_of_a_tracked_frame_refine_its_tracked_mask_however_often_they_change(
    annotator: Annotator, sessions: Sessions
) -> None:
    masklet = await annotator.create_masklet()
    await annotator.prompt(masklet, 3, click(70, 140))
    await annotator.propagate([masklet], 3)
    frames = await annotator.frames(masklet)
    tracked, overpainted = frames[8]["mask"]["id"], frames[9]["mask"]["id"]
    for candidate in (0, 1, 2):
        await candidate_mask(annotator, masklet, 8, candidate)
    await candidate_mask(annotator, masklet, 9, 0)
    drawn = (await annotator.draw(masklet, 9, disk(70, 140, 20))).json()["frame"]["mask"]["id"]
    assert await refined(sessions, masklet) == {3: None, 8: tracked}
    key = uuid4()
    await annotator.prompt(masklet, 9, click(75, 140), key=key)
    assert await refined(sessions, masklet) == {3: None, 8: tracked, 9: drawn}
    assert await refined(sessions, masklet, before=key) == {3: None, 8: tracked}
    await annotator.undo_top()
    await annotator.undo_top()
    assert await refined(sessions, masklet) == {3: None, 8: tracked, 9: overpainted}


async def refined(sessions: Sessions, masklet: str, before: UUID | None = None) -> dict[int, str | None]:
    async with sessions.begin() as session:
        found = await refined_by_prompts(session, UUID(masklet), before=before)
    return {frame: None if mask is None else str(mask) for frame, mask in found.items()}


async def candidate_mask(annotator: Annotator, masklet: str, frame: int, candidate: int) -> str:
    answer = await annotator.prompt(masklet, frame, click(70, 140), candidate=candidate)
    return str(answer.json()["frame"]["mask"]["counts"])
