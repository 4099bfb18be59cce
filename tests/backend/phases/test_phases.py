"""What a phase does not have is refused, whatever the browser shows; the cases follow from the table itself."""

from dataclasses import replace
from typing import Any, cast

import httpx
import pytest
from sqlalchemy import update

from backend.db.engine import Sessions
from backend.phases.rules import PHASES, PhaseRules, Tool
from backend.tables import Masklet, Project
from backend.tables.states import Phase
from tests.backend.workplace import Annotator, click, disk

FRAME = 20
FORBIDDEN = [(rules.phase, tool) for rules in PHASES.values() for tool in Tool if tool not in rules.tools]


async def set_phase(sessions: Sessions, phase: Phase) -> None:
    async with sessions.begin() as session:
        await session.execute(update(Project).values(phase=phase))
        await session.execute(update(Masklet).values(phase=phase))


async def use(annotator: Annotator, masklet: str, tool: Tool) -> httpx.Response:
    """The request that a tool makes, on a frame that was tracked."""
    match tool:
        case Tool.point:
            return await annotator.prompt(masklet, FRAME, click(70, 140))
        case Tool.box:
            return await annotator.prompt(masklet, FRAME, box={"x0": 41, "y0": 106, "x1": 109, "y1": 174})
        case Tool.brush:
            return await annotator.draw(masklet, FRAME, disk(100, 100, 20))
        case Tool.eraser | Tool.refine:
            return await annotator.draw(masklet, FRAME, disk(100, 100, 20), tool="eraser")
        case Tool.propagate:
            return await annotator.start_run([masklet], 0, direction="forward")


async def a_tracked_masklet(annotator: Annotator) -> str:
    masklet = await annotator.create_masklet()
    assert (await annotator.prompt(masklet, 0, click(70, 140))).status_code == 200
    assert (await annotator.propagate([masklet], 0, direction="forward"))["state"] == "done"
    return masklet


def test_every_phase_forbids_what_the_paper_says() -> None:
    assert [
        (Phase.sam_per_frame, Tool.propagate),
        (Phase.sam_per_frame, Tool.refine),
        (Phase.sam_plus_sam2_mask, Tool.refine),
    ] == FORBIDDEN


async def test_the_browser_is_told_the_very_table_that_requests_are_judged_by(annotator: Annotator) -> None:
    told = (await annotator.client.get("/api/phases")).json()
    assert {each["phase"]: set(each["tools"]) for each in told} == {
        phase.value: {tool.value for tool in rules.tools} for phase, rules in PHASES.items()
    }
    assert [each["number"] for each in told] == [1, 2, 3]


async def test_a_forbidden_tool_is_refused_and_changes_nothing(annotator: Annotator, sessions: Sessions) -> None:
    masklet = await a_tracked_masklet(annotator)
    for phase, tool in FORBIDDEN:
        await set_phase(sessions, phase)
        before = await annotator.changes()
        answer = await use(annotator, masklet, tool)
        problem = answer.json()
        assert (answer.status_code, problem["type"]) == (403, "urn:maskloom:problem:phase-forbids"), (phase, tool)
        assert (problem["phase"], problem["tool"]) == (phase.value, tool.value)
        assert await annotator.changes() == before, (phase, tool)


@pytest.mark.parametrize("phase", Phase)
async def test_every_tool_of_a_phase_works(annotator: Annotator, sessions: Sessions, phase: Phase) -> None:
    masklet = await a_tracked_masklet(annotator)
    await set_phase(sessions, phase)
    for tool in sorted(PHASES[phase].tools - {Tool.refine}):
        answer = await use(annotator, masklet, tool)
        assert answer.status_code in (200, 202), (tool, answer.text)
        if tool is Tool.propagate:
            await annotator.run_ended(answer.json()["id"])


async def test_whichever_tool_the_table_leaves_out_is_refused(
    annotator: Annotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    masklet = await a_tracked_masklet(annotator)
    table, whole = cast("dict[Phase, PhaseRules]", PHASES), PHASES[Phase.sam2]
    for tool in Tool:
        monkeypatch.setitem(table, Phase.sam2, replace(whole, tools=whole.tools - {tool}))
        answer = await use(annotator, masklet, tool)
        assert (answer.status_code, answer.json()["tool"]) == (403, tool.value)


@pytest.mark.parametrize("phase", [Phase.sam_per_frame, Phase.sam_plus_sam2_mask])
async def test_a_click_on_a_tracked_frame_is_answered_by_its_image_alone(
    annotator: Annotator, sessions: Sessions, phase: Phase
) -> None:
    masklet = await a_tracked_masklet(annotator)
    with_memory = mask_of(await annotator.prompt(masklet, FRAME, click(70, 140)))
    await annotator.undo_top()
    alone = mask_of(await annotator.prompt(await annotator.create_masklet(), FRAME, click(70, 140)))
    await set_phase(sessions, phase)
    assert mask_of(await annotator.prompt(masklet, FRAME, click(70, 140))) == alone != with_memory


async def test_in_phase_2_a_correction_is_carried_as_if_its_mask_had_been_drawn(
    annotator: Annotator, sessions: Sessions
) -> None:
    await set_phase(sessions, Phase.sam_plus_sam2_mask)
    clicked, drawn = await annotator.create_masklet(), await annotator.create_masklet()
    answer = await annotator.prompt(clicked, 0, click(70, 140))
    mask = {key: answer.json()["frame"]["mask"][key] for key in ("size", "counts")}
    body = {"mask": mask, "tool": "brush"}
    assert (await annotator.edit("PUT", drawn, "frames/0/mask", body)).status_code == 200
    for masklet in (clicked, drawn):
        await annotator.propagate([masklet], 0, direction="forward")
    carried = {masklet: await counts_of(annotator, masklet) for masklet in (clicked, drawn)}
    assert carried[clicked] == carried[drawn]
    assert len(carried[clicked]) == annotator.video.num_frames


async def test_an_absent_object_can_be_told_in_every_phase(annotator: Annotator, sessions: Sessions) -> None:
    masklet = await a_tracked_masklet(annotator)
    for phase in Phase:
        await set_phase(sessions, phase)
        answer = await annotator.draw(masklet, FRAME, disk(0, 0, 0), tool="absent")
        assert answer.json()["frame"]["mask"]["source"] == "absent"


def mask_of(answer: httpx.Response) -> dict[str, Any]:
    mask = answer.json()["frame"]["mask"]
    return {key: mask[key] for key in ("counts", "predicted_iou", "object_score", "candidate")}


async def counts_of(annotator: Annotator, masklet: str) -> dict[int, str]:
    return {frame: state["mask"]["counts"] for frame, state in (await annotator.frames(masklet)).items()}
