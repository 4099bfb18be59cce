"""Verdicts, and the queue of what waits for one."""

import asyncio
from uuid import uuid4

from sqlalchemy import select

from backend.db.engine import Sessions
from backend.masklets.edit_rules import lock_video
from backend.tables import Task
from backend.tables.states import TaskKind, TaskState
from tests.backend.workplace import Annotator, click, disk


async def a_carried_masklet(annotator: Annotator) -> str:
    """Drawn once, carried through the video, and submitted."""
    masklet = await annotator.create_masklet()
    await annotator.draw(masklet, 0, disk(100, 100, 30))
    assert (await annotator.propagate([masklet], 0))["state"] == "done"
    assert (await annotator.submit()).status_code == 200
    return masklet


async def a_complete_masklet(annotator: Annotator) -> str:
    """Drawn on every annotated frame, and submitted."""
    masklet = await annotator.create_masklet()
    for frame in range(0, annotator.video.num_frames, 4):
        assert (await annotator.draw(masklet, frame, disk(100, 100, 30))).status_code == 200
    assert (await annotator.submit()).status_code == 200
    return masklet


async def queue(annotator: Annotator) -> list[dict[str, object]]:
    answer = await annotator.client.get(f"/api/projects/{annotator.video.project_id}/review")
    assert answer.status_code == 200, answer.text
    return list(answer.json())


async def test_a_satisfactory_masklet_leaves_the_queue_and_counts_as_verified(annotator: Annotator) -> None:
    masklet = await a_carried_masklet(annotator)
    (waiting,) = await queue(annotator)
    assert waiting["num_frames"] == waiting["num_annotated_frames"] == 10
    assert waiting["num_edited_frames"] == 1
    version = annotator.versions[masklet]
    answer = await annotator.verdict(masklet, "satisfactory")
    assert answer.status_code == 201, answer.text
    assert answer.json()["masklet"]["verdict"] == "satisfactory"
    assert answer.json()["masklet_version"] == version
    assert await queue(annotator) == []
    video = (await annotator.client.get(f"/api/videos/{annotator.video.video_id}")).json()
    assert video["num_verified"] == 1


async def test_a_masklet_with_unknown_annotated_frames_is_not_satisfactory(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    await annotator.draw(masklet, 0, disk(100, 100, 30))
    answer = await annotator.verdict(masklet, "satisfactory")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:maskloom:problem:masklet-incomplete")
    assert answer.json()["num_missing"] == 9
    assert (await annotator.verdict(masklet, "unsatisfactory")).status_code == 201


async def test_a_masklet_that_is_absent_everywhere_is_not_satisfactory(annotator: Annotator) -> None:
    masklet = await annotator.create_masklet()
    for frame in range(0, 40, 4):
        await annotator.draw(masklet, frame, disk(0, 0, 0), tool="absent")
    assert (await annotator.verdict(masklet, "satisfactory")).json()[
        "type"
    ] == "urn:maskloom:problem:masklet-incomplete"


async def test_any_edit_after_a_verdict_makes_it_void(annotator: Annotator) -> None:
    masklet = await a_complete_masklet(annotator)
    await annotator.verdict(masklet, "satisfactory")
    edited = await annotator.draw(masklet, 8, disk(120, 100, 30))
    assert edited.json()["masklet"]["verdict"] is None
    assert len(await queue(annotator)) == 1  # edited outside a task, it is there to be judged again


async def test_a_verdict_on_a_version_nobody_sees_any_more_is_refused(annotator: Annotator) -> None:
    masklet = await a_complete_masklet(annotator)
    await annotator.draw(masklet, 8, disk(120, 100, 30))
    answer = await annotator.verdict(masklet, "satisfactory", version=1)
    assert answer.status_code == 412


async def test_the_same_verdict_again_is_recorded_once(annotator: Annotator) -> None:
    masklet = await a_complete_masklet(annotator)
    key, version = uuid4(), annotator.versions[masklet]
    first = await annotator.verdict(masklet, "rejected", key=key, version=version, reasons=["no clear boundary"])
    again = await annotator.verdict(masklet, "rejected", key=key, version=version, reasons=["no clear boundary"])
    assert first.json() == again.json()
    other = await annotator.verdict(masklet, "satisfactory", key=key, version=version)
    assert (other.status_code, other.json()["type"]) == (409, "urn:maskloom:problem:idempotency-key-reused")


async def test_a_verdict_that_is_sent_again_before_its_answer_is_recorded_once(
    annotator: Annotator, sessions: Sessions
) -> None:
    """As by the next page, when somebody leaves the one on which they gave it."""
    masklet, key = await a_complete_masklet(annotator), uuid4()
    version = annotator.versions[masklet]
    async with sessions.begin() as session:
        await lock_video(session, annotator.video.video_id)
        both = [
            asyncio.create_task(annotator.verdict(masklet, "satisfactory", key=key, version=version)) for _ in range(2)
        ]
        await asyncio.sleep(0.3)  # both wait for the video
    first, second = await asyncio.gather(*both)
    assert (first.status_code, second.status_code) == (201, 201), second.text
    assert first.json()["id"] == second.json()["id"]


async def test_a_withdrawn_verdict_puts_the_masklet_back_into_the_queue(annotator: Annotator) -> None:
    masklet = await a_complete_masklet(annotator)
    await annotator.verdict(masklet, "rejected")
    answer = await annotator.edit("DELETE", masklet, "verdicts/latest", None)
    assert answer.json()["verdict"] is None
    assert len(await queue(annotator)) == 1
    again = await annotator.edit("DELETE", masklet, "verdicts/latest", None)
    assert (again.status_code, again.json()["type"]) == (404, "urn:maskloom:problem:no-verdict")


async def test_the_riskiest_masklet_comes_first(annotator: Annotator) -> None:
    complete = await a_carried_masklet(annotator)
    barely = await annotator.create_masklet()
    await annotator.prompt(barely, 0, click(70, 140))
    await annotator.submit()
    items = await queue(annotator)
    assert [item["masklet"]["id"] for item in items] == [barely, complete]  # type: ignore[index]
    assert items[0]["risk"] > items[1]["risk"]  # type: ignore[operator]
    assert set(items[1]["worst_frames"]) <= set(range(1, 40))  # type: ignore[call-overload]


async def test_an_unsatisfactory_masklet_becomes_an_annotators_task_until_it_is_accepted(
    annotator: Annotator, sessions: Sessions
) -> None:
    masklet = await a_complete_masklet(annotator)
    await annotator.verdict(masklet, "unsatisfactory", reasons=["leaks"])
    assert await tasks(sessions) == {(TaskKind.verify, TaskState.done), (TaskKind.refine, TaskState.open)}
    await annotator.draw(masklet, 8, disk(120, 100, 30))
    assert await queue(annotator) == []  # not submitted yet
    await annotator.verdict(masklet, "satisfactory")
    assert await tasks(sessions) == {(TaskKind.verify, TaskState.done), (TaskKind.refine, TaskState.done)}


async def test_work_that_nobody_has_submitted_is_not_in_the_queue(annotator: Annotator) -> None:
    await a_complete_masklet(annotator)
    later = await annotator.create_masklet()
    await annotator.draw(later, 0, disk(60, 60, 20))
    assert len(await queue(annotator)) == 1


async def tasks(sessions: Sessions) -> set[tuple[TaskKind, TaskState]]:
    """Of masklets."""
    async with sessions.begin() as session:
        found = await session.execute(select(Task.kind, Task.state).where(Task.masklet_id.is_not(None)))
        return {(kind, state) for kind, state in found}
