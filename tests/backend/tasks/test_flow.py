"""One task leads to the next: select, annotate, verify, and back to refine."""

import httpx
import pytest
from sqlalchemy import func, select, text, update

from backend.db.engine import Sessions
from backend.tables import Masklet, Project, Task
from backend.tables.states import Origin, TaskKind, TaskState
from tests.backend.conftest import NUM_FRAMES
from tests.backend.tasks.crew import Crew
from tests.backend.tasks.test_leases import slug
from tests.backend.workplace import disk

WHOLE = range(0, NUM_FRAMES, 4)
"""Every annotated frame."""


async def open_kinds(crew: Crew) -> list[tuple[str, str | None]]:
    """(kind, whom it waits for) of everything there is to do."""
    return [(task["kind"], task["assignee_name"]) for task in await crew.ann.tasks() if task["state"] == "open"]


async def annotated(crew: Crew) -> str:
    """Ann has submitted the video with one object; it."""
    await crew.ann.next_task("annotate")
    masklet = await crew.ann.outline(frames=WHOLE)
    assert (await crew.ann.say("submit")).status_code == 200
    crew.ann.lease = None
    for person in (crew.ben, crew.vera):
        await person.changes()
    return masklet


async def judge(crew: Crew, masklet: str, verdict: str) -> httpx.Response:
    await crew.vera.changes()
    return await crew.vera.verdict(masklet, verdict, reasons=["leaks"] if verdict == "unsatisfactory" else [])


async def test_submitting_an_annotated_video_asks_for_a_verdict_on_every_object(crew: Crew) -> None:
    await crew.ann.next_task()
    first, second = await crew.ann.outline(), await crew.ann.outline()
    await crew.ann.create_masklet()  # without a mask there is nothing to judge
    submitted = (await crew.ann.say("submit")).json()
    assert (submitted["state"], submitted["outcome"], submitted["assignee_name"]) == ("done", "submitted", "Ann")
    asked = [task for task in await crew.ann.tasks() if task["kind"] == "verify"]
    assert {task["masklet_id"] for task in asked} == {first, second}
    assert (await crew.ann.say("submit")).json() == submitted  # the same request again


async def test_nothing_is_submitted_without_an_object(crew: Crew) -> None:
    await crew.ann.next_task()
    assert slug(await crew.ann.say("submit")) == (409, "nothing-to-submit")
    assert (await crew.ann.try_to_create()).status_code == 201  # it is still hers


async def test_nobody_verifies_their_own_work(crew: Crew) -> None:
    masklet = await annotated(crew)
    assert (await crew.ann.next_task("verify")).status_code == 404
    assert slug(await crew.ann.verdict(masklet, "satisfactory")) == (403, "own-work")
    review = f"/api/projects/{crew.ann.video.project_id}/review"
    assert (await crew.ann.client.get(review)).json() == []
    assert [item["masklet"]["id"] for item in (await crew.vera.client.get(review)).json()] == [masklet]
    assert (await crew.vera.next_task("verify")).json()["task"]["masklet_id"] == masklet
    assert (await crew.vera.verdict(masklet, "satisfactory")).status_code == 201


async def test_a_project_may_let_people_verify_their_own_work(crew: Crew) -> None:
    masklet = await annotated(crew)
    url = f"/api/projects/{crew.ann.video.project_id}"
    assert (await crew.ann.client.patch(url, json={"separate_verifiers": False})).json()["separate_verifiers"] is False
    assert (await crew.ann.next_task("verify")).status_code == 200
    assert (await crew.ann.verdict(masklet, "satisfactory")).status_code == 201


async def test_a_masklet_under_one_verifiers_eyes_is_not_judged_by_another(crew: Crew) -> None:
    masklet = await annotated(crew)
    await crew.vera.next_task("verify")
    assert slug(await crew.ben.verdict(masklet, "rejected")) == (409, "lease-held")
    assert slug(await crew.ann.draw(masklet, 0, disk(9, 9, 5))) == (409, "lease-held")


async def test_an_unsatisfactory_masklet_goes_to_its_annotator_first(crew: Crew, sessions: Sessions) -> None:
    masklet = await annotated(crew)
    assert (await judge(crew, masklet, "unsatisfactory")).status_code == 201
    assert await open_kinds(crew) == [("refine", "Ann")]
    assert (await crew.ben.next_task()).status_code == 404
    refine = (await crew.ann.next_task()).json()["task"]
    assert (refine["kind"], refine["masklet_id"], refine["reason"]) == ("refine", masklet, "leaks")
    await crew.ann.changes()
    assert (await crew.ann.draw(masklet, 0, disk(60, 60, 9))).status_code == 200
    await crew.ann.say("submit")
    assert await open_kinds(crew) == [("verify", None)]
    assert (await judge(crew, masklet, "satisfactory")).status_code == 201
    assert await open_kinds(crew) == []


async def test_after_a_day_anybody_may_refine(crew: Crew, sessions: Sessions) -> None:
    masklet = await annotated(crew)
    await judge(crew, masklet, "unsatisfactory")
    async with sessions.begin() as session:
        refine = update(Task).where(Task.kind == TaskKind.refine)
        await session.execute(refine.values(reserved_until=func.now()))
    assert (await crew.ben.next_task()).json()["task"]["kind"] == "refine"


async def test_a_withdrawn_verdict_asks_for_another(crew: Crew) -> None:
    masklet = await annotated(crew)
    await judge(crew, masklet, "unsatisfactory")
    assert (await crew.vera.edit("DELETE", masklet, "verdicts/latest", None)).status_code == 200
    assert await open_kinds(crew) == [("verify", None)]


async def test_the_most_urgent_task_comes_first(crew: Crew, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        (task,) = (await session.scalars(select(Task))).all()
        later = Task(video_id=task.video_id, kind=TaskKind.select, phase=task.phase, epoch=0, priority=3)
        session.add(later)
    assert (await crew.ann.next_task()).json()["task"]["kind"] == "select"
    assert (await crew.ben.next_task()).json()["task"]["kind"] == "annotate"


async def test_objects_can_be_chosen_by_one_and_annotated_by_another(crew: Crew, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await session.execute(update(Task).values(kind=TaskKind.select))
    await crew.ann.next_task()
    masklet = await crew.ann.outline()
    carried = await crew.ann.start_run([masklet], 0)
    assert slug(carried) == (409, "task-is-one-frame")
    await crew.ann.say("submit")
    assert await open_kinds(crew) == [("annotate", None)]
    await crew.ben.next_task()
    await crew.ben.changes()
    assert (await crew.ben.draw(masklet, 4, disk(60, 60, 9))).status_code == 200


async def test_a_rejected_video_leaves_queue_review_and_exports_until_it_is_taken_back(crew: Crew) -> None:
    await crew.ann.next_task()
    await crew.ann.outline(frames=WHOLE)
    rejected = await crew.ann.say("reject", reason="somebody's face")
    assert (rejected.json()["outcome"], rejected.json()["reason"]) == ("rejected", "somebody's face")
    video = f"/api/videos/{crew.ann.video.video_id}"
    assert (await crew.ben.client.get(video)).json()["rejected_reason"] == "somebody's face"
    assert (await crew.ben.next_task()).status_code == 404
    review = f"/api/projects/{crew.ann.video.project_id}/review"
    assert (await crew.vera.client.get(review)).json() == []
    assert (await crew.ben.client.delete(f"{video}/rejection")).status_code == 204
    assert (await crew.ben.client.get(video)).json()["rejected_reason"] is None
    assert (await crew.ben.next_task()).status_code == 200


async def test_a_verified_automatic_masklet_is_there_and_locked_until_it_is_sent_back(
    crew: Crew, sessions: Sessions
) -> None:
    masklet = await annotated(crew)
    async with sessions.begin() as session:
        await session.execute(update(Masklet).values(origin=Origin.auto))
    await judge(crew, masklet, "satisfactory")
    await crew.ben.changes()
    assert slug(await crew.ben.draw(masklet, 0, disk(9, 9, 5))) == (409, "masklet-locked")
    assert slug(await crew.ben.delete(masklet)) == (409, "masklet-locked")
    assert slug(await crew.ben.start_run([masklet], 0)) == (409, "masklet-locked")
    await judge(crew, masklet, "unsatisfactory")
    await crew.ann.next_task("refine")
    await crew.ann.changes()
    assert (await crew.ann.draw(masklet, 0, disk(9, 9, 5))).status_code == 200


@pytest.mark.parametrize("verb", ["submit", "reject"])
async def test_a_verify_task_ends_with_a_verdict_only(crew: Crew, verb: str) -> None:
    masklet = await annotated(crew)
    await crew.vera.next_task("verify")
    answer = await (crew.vera.say(verb, reason="no") if verb == "reject" else crew.vera.say(verb))
    assert slug(answer) == (409, "needs-verdict")
    assert (await crew.vera.verdict(masklet, "rejected")).status_code == 201
    assert {task["state"] for task in await crew.vera.tasks()} == {"done"}


async def test_every_project_setting_of_the_queue_can_be_changed(crew: Crew, sessions: Sessions) -> None:
    url = f"/api/projects/{crew.ann.video.project_id}"
    assert (await crew.ann.client.patch(url, json={"select_first": True})).json()["select_first"] is True
    async with sessions.begin() as session:
        assert (await session.scalar(select(Project.select_first))) is True
        states = (await session.scalars(select(Task.state))).all()
    assert states == [TaskState.open]


async def test_a_task_says_that_it_waits_for_a_propagation_of_its_object(crew: Crew, sessions: Sessions) -> None:
    masklet = await annotated(crew)
    await crew.ann.changes()
    run = (await crew.ann.start_run([masklet], 0)).json()
    assert (await crew.ann.run_ended(run["id"]))["state"] == "done"

    async def waits(state: str) -> list[tuple[bool, bool]]:
        async with sessions.begin() as session:
            await session.execute(text("UPDATE runs SET state = :state"), {"state": state})
        tasks = await crew.vera.tasks()
        return [(task["claimable"], task["carried"]) for task in tasks if task["kind"] == "verify"]

    assert await waits("running") == [(False, True)]
    assert await waits("done") == [(True, False)]
