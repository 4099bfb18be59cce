"""The same objects for several people under several phases, none of whom sees another's work."""

import time
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from backend.db.engine import Sessions
from backend.tables import Project
from backend.tables.states import Role
from tests.backend.accounts import add_member
from tests.backend.ontology.test_ontologies import replace
from tests.backend.tasks.conftest import crew as crew
from tests.backend.tasks.crew import Crew, Person
from tests.backend.tasks.test_leases import slug
from tests.backend.workplace import click, disk

FIRST = 8
PHASES = ["sam_per_frame", "sam_plus_sam2_mask", "sam2"]


async def plan(crew: Crew, selected: list[str], **more: Any) -> httpx.Response:
    people = [str(person.user_id) for person in (crew.ann, crew.ben, crew.vera)]
    url = f"/api/projects/{crew.ann.video.project_id}/studies"
    key = more.pop("key", str(uuid4()))
    body = {"name": "Phases", "selected_ids": selected, "user_ids": people, **more}
    return await crew.vera.client.post(url, json=body, headers={"Idempotency-Key": key})


async def started(crew: Crew) -> dict[str, Any]:
    """Three objects of a class, outlined on one frame, for three people; it runs."""
    ontology = {"classes": [{"name": "Disk"}]}
    made = await replace(crew.ann.client, crew.ann.video.project_id, ontology, 0)
    (disks,) = made.json()["ontology"]["classes"]
    selected = []
    for number in range(3):
        masklet = await crew.ann.create_masklet(name=f"Disk {number}", class_id=disks["id"])
        assert (await crew.ann.draw(masklet, FIRST, disk(80 + 40 * number, 100, 20))).status_code == 200
        selected.append(masklet)
    planned = await plan(crew, selected)
    assert planned.status_code == 201, planned.text
    answer = await crew.vera.client.post(f"/api/studies/{planned.json()['id']}/start")
    assert answer.status_code == 200, answer.text
    for person in (crew.ann, crew.ben, crew.vera):
        person.versions.clear()
    return answer.json()


async def visible(person: Person) -> set[str]:
    return {masklet["id"] for masklet in (await person.changes())["masklets"]}


def own(study: dict[str, Any], person: Person) -> list[dict[str, Any]]:
    return [arm for arm in study["arms"] if arm["user_id"] == str(person.user_id)]


async def test_everybody_gets_a_copy_of_every_object_in_another_phase(crew: Crew) -> None:
    study = await started(crew)
    assert study["state"] == "running"
    assert (study["num_arms"], study["num_done"]) == (9, 0)
    by_object: dict[str, list[str]] = {}
    for arm in study["arms"]:
        by_object.setdefault(arm["selected_id"], []).append(arm["phase"])
    assert [sorted(phases) for phases in by_object.values()] == [sorted(PHASES)] * 3
    again = (await crew.vera.client.post(f"/api/studies/{study['id']}/start")).json()
    assert again == study


async def test_a_copy_is_the_object_as_it_was_selected_and_nothing_more(crew: Crew) -> None:
    study = await started(crew)
    for arm in own(study, crew.ben):
        frames = await crew.ben.frames(arm["masklet_id"])
        assert list(frames) == [FIRST]
        assert frames[FIRST]["prompts"] is None
    assert {each["class_id"] is None for each in (await crew.ben.changes())["masklets"]} == {False}
    history = (await crew.ben.changes())["history"]
    assert (history["undo"], history["redo"]) == (None, None)  # the selection is not theirs to undo


async def test_neither_times_nor_tasks_tell_of_what_others_have(crew: Crew) -> None:
    study = await started(crew)
    mine = {arm["masklet_id"] for arm in own(study, crew.ann)}
    timing = (await crew.ann.client.get(f"/api/videos/{crew.ann.video.video_id}/timing")).json()
    assert {row["masklet_id"] for row in timing["masklets"]} == mine
    of_ben = next(task for task in await crew.ben.tasks() if task["masklet_id"] not in mine | {None})
    assert (await crew.ann.client.get(f"/api/tasks/{of_ben['id']}")).status_code == 404
    assert (await crew.ben.client.get(f"/api/tasks/{of_ben['id']}")).status_code == 200


async def test_participants_see_and_touch_nothing_but_their_own(crew: Crew) -> None:
    study = await started(crew)
    mine = {arm["masklet_id"] for arm in own(study, crew.ann)}
    others = {arm["masklet_id"] for arm in study["arms"]} - mine
    assert await visible(crew.ann) == mine
    assert {frame["masklet_id"] for frame in (await crew.ann.changes())["frames"]} == mine
    foreign = own(study, crew.ben)[0]["masklet_id"]
    for answer in (
        await crew.ann.draw(foreign, 0, disk(50, 50, 9), version=1),
        await crew.ann.prompt(foreign, 0, click(70, 140), version=1),
        await crew.ann.start_run([foreign], 0),
        await crew.ann.delete(foreign, version=1),
        await crew.ann.verdict(foreign, "rejected", version=1),
    ):
        assert slug(answer) == (404, "masklet-not-found")
    review = (await crew.ann.client.get(f"/api/projects/{crew.ann.video.project_id}/review")).json()
    assert {item["masklet"]["id"] for item in review}.isdisjoint(mine | others)
    tasks = {task["masklet_id"] for task in await crew.ann.tasks()} - {None}
    assert tasks == mine


async def test_undo_stays_on_ones_own_line(crew: Crew) -> None:
    study = await started(crew)
    first, second = own(study, crew.ann)[0]["masklet_id"], own(study, crew.ben)[0]["masklet_id"]
    await visible(crew.ann)
    await visible(crew.ben)
    await crew.ann.draw(first, 0, disk(50, 50, 9))
    await crew.ben.draw(second, 0, disk(60, 60, 9))
    await crew.ann.undo_top()
    assert 0 not in await crew.ann.frames(first)
    assert 0 in await crew.ben.frames(second)
    await crew.ben.draw(second, 1, disk(60, 60, 9))  # nobody else's redo is abandoned by this
    await crew.ann.redo_top()
    assert 0 in await crew.ann.frames(first)


async def test_tasks_come_in_the_stored_order_and_a_phase_is_enforced(crew: Crew) -> None:
    study = await started(crew)
    order = [arm["masklet_id"] for arm in own(study, crew.ben)]
    done = []
    for _ in order:
        task = (await crew.ben.next_task("annotate")).json()["task"]
        done.append(task["masklet_id"])
        await visible(crew.ben)
        run = await crew.ben.start_run([task["masklet_id"]], FIRST)
        assert run.status_code == (403 if task["phase"] == "sam_per_frame" else 202), run.text
        if run.status_code == 202:
            await crew.ben.run_ended(run.json()["id"])
            hidden = await crew.ann.client.get(f"/api/runs/{run.json()['id']}")
            assert slug(hidden) == (404, "run-not-found")
        await crew.ben.say("submit")
    assert done == order
    progress = (await crew.vera.client.get(f"/api/studies/{study['id']}")).json()
    assert progress["num_done"] == 3
    assert [arm["task_state"] for arm in own(progress, crew.ben)] == ["done"] * 3


async def test_a_part_of_a_study_is_given_to_nobody_else(crew: Crew) -> None:
    await started(crew)
    (task, *_) = [task for task in await crew.ben.tasks() if task["assignee_id"] == str(crew.ben.user_id)]
    for other in (str(crew.ann.user_id), None):
        answer = await crew.ben.client.patch(f"/api/tasks/{task['id']}", json={"assignee_id": other})
        assert slug(answer) == (409, "part-of-study")
    urgent = await crew.ben.client.patch(f"/api/tasks/{task['id']}", json={"priority": 3})
    assert urgent.json()["assignee_id"] == task["assignee_id"]


async def test_a_closed_study_gives_everybody_the_common_line_back(crew: Crew) -> None:
    study = await started(crew)
    closed = (await crew.vera.client.post(f"/api/studies/{study['id']}/close")).json()
    assert closed["state"] == "done"
    assert await visible(crew.ann) == {arm["selected_id"] for arm in study["arms"]}
    project = (await crew.ann.client.get(f"/api/projects/{crew.ann.video.project_id}")).json()
    assert project["num_masklets"] == 3


@pytest.mark.parametrize("what", ["an object without a mask", "a stranger"])
async def test_what_makes_no_study_is_refused(crew: Crew, what: str) -> None:
    masklet = await crew.ann.create_masklet()
    more = {"user_ids": [str(uuid4())]} if what == "a stranger" else {}
    if what == "a stranger":
        await crew.ann.draw(masklet, 0, disk(50, 50, 9))
    assert slug(await plan(crew, [masklet], **more)) == (422, "study-unfit")


async def test_a_participant_is_given_nothing_but_their_objects_and_adds_none(crew: Crew) -> None:
    study = await started(crew)
    project = f"/api/projects/{crew.ben.video.project_id}"
    mine = [arm["masklet_id"] for arm in own(study, crew.ben)]
    listed = (await crew.ben.client.get(f"{project}/tasks")).json()
    assert [task["masklet_id"] for task in listed] == mine
    for masklet in mine:
        claimed = (await crew.ben.client.post(f"{project}/tasks/next", json={})).json()["task"]
        assert claimed["masklet_id"] == masklet
        held = {"epoch": claimed["epoch"]}
        assert (await crew.ben.client.post(f"/api/tasks/{claimed['id']}/submit", json=held)).status_code == 200
    assert slug(await crew.ben.client.post(f"{project}/tasks/next", json={})) == (404, "no-task")
    added = await crew.ben.client.post(
        f"/api/videos/{crew.ben.video.video_id}/masklets", json={}, headers={"Idempotency-Key": str(uuid4())}
    )
    assert slug(added) == (409, "objects-are-given")


@pytest.mark.parametrize("phase", ["sam_plus_sam2_mask", "sam2"])
async def test_a_copy_is_carried_through_the_video_as_it_is(crew: Crew, phase: str) -> None:
    study = await started(crew)
    masklet = next(arm["masklet_id"] for arm in own(study, crew.ben) if arm["phase"] == phase)
    given = (await crew.ben.frames(masklet))[FIRST]["mask"]
    run = await crew.ben.propagate([masklet], FIRST, direction="forward")
    assert run["state"] == "done", run
    frames = await crew.ben.frames(masklet)
    assert frames[FIRST]["mask"]["id"] == given["id"]
    assert frames[FIRST + 4]["mask"]["source"] == "propagated"


async def test_a_key_that_comes_again_makes_the_same_study_and_no_other(crew: Crew) -> None:
    masklet = await crew.ann.create_masklet()
    await crew.ann.draw(masklet, 0, disk(50, 50, 9))
    key = str(uuid4())
    first, again = await plan(crew, [masklet], key=key), await plan(crew, [masklet], key=key)
    assert (again.status_code, again.json()) == (201, first.json())
    for more in ({"name": "Another"}, {"user_ids": [str(crew.ann.user_id)], "phases": ["sam2"]}):
        assert slug(await plan(crew, [masklet], key=key, **more)) == (409, "idempotency-key-reused")


async def test_a_study_of_another_project_is_not_told_to_whoever_knows_its_id(crew: Crew, sessions: Sessions) -> None:
    study = await started(crew)
    other = str(uuid4())
    async with sessions.begin() as session:
        session.add(Project(id=UUID(other), name="Other", created_by=crew.vera.user_id))
    await add_member(sessions, UUID(other), crew.vera.user_id, Role.manager)
    body = {"name": study["name"], "selected_ids": [str(uuid4())], "user_ids": [str(crew.vera.user_id)]}
    headers = {"Idempotency-Key": study["id"]}
    answer = await crew.vera.client.post(f"/api/projects/{other}/studies", json=body, headers=headers)
    assert slug(answer) == (409, "idempotency-key-reused")


async def test_a_planned_study_that_can_never_start_can_be_given_up(crew: Crew) -> None:
    masklet = await crew.ann.create_masklet()
    await crew.ann.draw(masklet, 0, disk(50, 50, 9))
    study = (await plan(crew, [masklet])).json()
    await crew.ann.clear(masklet, 0)
    url = f"/api/studies/{study['id']}"
    assert slug(await crew.vera.client.post(f"{url}/start")) == (409, "study-not-ready")
    closed = await crew.vera.client.post(f"{url}/close")
    assert (closed.status_code, closed.json()["state"]) == (200, "done")
    assert slug(await crew.vera.client.post(f"{url}/start")) == (409, "study-not-ready")
    assert (await crew.ann.client.get(f"{url}")).json()["num_done"] == 0


async def test_a_study_too_large_to_be_given_out_at_once_is_refused_at_once(crew: Crew) -> None:
    selected, people = [str(uuid4()) for _ in range(1000)], [str(uuid4()) for _ in range(100)]
    begun = time.monotonic()
    refused = await plan(crew, selected, user_ids=people)
    assert (slug(refused), "At most 2,000" in refused.text) == ((422, "study-unfit"), True)
    assert time.monotonic() - begun < 10  # and not after a plan of a hundred thousand tasks
