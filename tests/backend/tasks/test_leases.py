"""One task, one holder: claims, renewals, expiry by the database's clock, and writes that come too late."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import func, select, text

from backend.db.engine import Sessions
from backend.tables import Task, User
from backend.tables.states import Phase, TaskKind, TaskState
from tests.backend.tasks.crew import Crew, Person
from tests.backend.workplace import click, disk


def slug(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rsplit(":", 1)[1]


async def expire(sessions: Sessions) -> None:
    """Time passes for every lease."""
    async with sessions.begin() as session:
        await session.execute(
            text("UPDATE tasks SET lease_until = now() - interval '1 second' WHERE state = 'claimed'")
        )


async def test_a_task_is_given_to_one_of_two_who_ask_at_once(crew: Crew) -> None:
    answers = await asyncio.gather(crew.ann.next_task(), crew.ben.next_task())
    assert sorted(answer.status_code for answer in answers) == [200, 404]
    (refused,) = [answer for answer in answers if answer.status_code == 404]
    assert slug(refused) == (404, "no-task")


async def test_asking_again_gives_the_task_one_holds(crew: Crew) -> None:
    first, again = await crew.ann.next_task(), await crew.ann.next_task()
    assert again.json()["lease"] == first.json()["lease"]
    assert again.json()["task"]["lease_until"] > first.json()["task"]["lease_until"]


async def test_nobody_else_writes_where_somebody_holds_the_task(crew: Crew) -> None:
    before = await crew.ben.outline()
    await crew.ann.next_task()
    mine = await crew.ann.outline()
    await crew.ben.changes()
    for answer in (
        await crew.ben.try_to_create(),
        await crew.ben.draw(before, 1, disk(50, 50, 10)),
        await crew.ben.draw(mine, 1, disk(50, 50, 10)),
        await crew.ben.clear(before, 0),
        await crew.ben.delete(before),
        await crew.ben.edit("PATCH", before, "", {"name": "Mine"}),
        await crew.ben.start_run([before], 0),
        await crew.ben.history("undo", (await crew.ben.changes())["history"]["undo"]["id"]),
    ):
        assert slug(answer) == (409, "lease-held"), answer.text
        assert "Ann" in answer.json()["detail"]


async def test_a_propagation_leaves_out_what_somebody_else_holds_and_carries_the_rest(
    crew: Crew, sessions: Sessions
) -> None:
    free, held = await crew.ben.outline(), await crew.ben.outline()
    async with sessions.begin() as session:
        holder = await session.scalar(select(User.id).where(User.name == "Ann"))
        session.add(task_of(crew, held, holder))
    started = await crew.ben.start_run([free, held], 0, direction="forward")
    assert started.status_code == 202, started.text
    run = await crew.ben.run_ended(started.json()["id"])
    assert (run["state"], run["masklet_ids"]) == ("done", [free])
    assert [(left["masklet_id"], left["slug"]) for left in run["left_out"]] == [(held, "lease-held")]
    assert "Ann holds the refine task of this object" in run["left_out"][0]["detail"]
    assert slug(await crew.ben.start_run([held], 0)) == (409, "lease-held")


async def test_a_task_of_the_whole_video_leaves_others_only_what_they_hold_themselves(
    crew: Crew, sessions: Sessions
) -> None:
    mine, other = await crew.ben.outline(), await crew.ben.outline()
    await crew.ann.next_task()
    async with sessions.begin() as session:
        holder = await session.scalar(select(User.id).where(User.name == "Ben"))
        session.add(task_of(crew, mine, holder))
    run = (await crew.ben.start_run([mine, other], 0, direction="forward")).json()
    assert [(left["masklet_id"], left["slug"]) for left in run["left_out"]] == [(other, "lease-held")]


def task_of(crew: Crew, masklet: str, holder: UUID | None) -> Task:
    """A refine task of one object that somebody has claimed."""
    return Task(
        id=uuid4(),
        video_id=crew.ann.video.video_id,
        masklet_id=UUID(masklet),
        kind=TaskKind.refine,
        phase=Phase.sam2,
        state=TaskState.claimed,
        assignee_id=holder,
        lease_until=func.now() + timedelta(minutes=5),
        epoch=1,
    )


async def test_nobody_else_stops_a_propagation_where_somebody_holds_the_task(crew: Crew) -> None:
    masklet = await crew.ann.outline()
    await crew.ann.next_task()
    run = (await crew.ann.start_run([masklet], 0)).json()
    assert slug(await crew.ben.client.post(f"/api/runs/{run['id']}/cancel")) == (409, "lease-held")
    assert (await crew.ann.client.post(f"/api/runs/{run['id']}/cancel")).json()["state"] == "cancelled"
    assert (await crew.ben.client.post(f"/api/runs/{run['id']}/cancel")).json()["state"] == "cancelled"  # it is over


async def test_without_a_task_anybody_may_work_until_somebody_claims_it(crew: Crew) -> None:
    masklet = await crew.ben.outline()
    await crew.ann.changes()
    assert (await crew.ann.draw(masklet, 1, disk(50, 50, 10))).status_code == 200
    await crew.ann.next_task()
    await crew.ben.changes()
    assert slug(await crew.ben.draw(masklet, 2, disk(50, 50, 10))) == (409, "lease-held")


async def test_an_expired_lease_hands_over_with_the_work_kept(crew: Crew, sessions: Sessions) -> None:
    task = (await crew.ann.next_task()).json()["task"]
    masklet = await crew.ann.outline()
    await expire(sessions)
    taken = await crew.ben.next_task()
    assert (taken.status_code, taken.json()["task"]["id"]) == (200, task["id"])
    assert taken.json()["task"]["epoch"] == task["epoch"] + 1
    assert 0 in await crew.ben.frames(masklet)
    assert (await crew.ben.draw(masklet, 1, disk(50, 50, 10))).status_code == 200
    await crew.ann.changes()
    before = await crew.ann.changes()
    late = [
        await crew.ann.draw(masklet, 2, disk(50, 50, 10)),
        await crew.ann.prompt(masklet, 2, click(70, 140)),
        await crew.ann.try_to_create(),
        await crew.ann.start_run([masklet], 0),
        await crew.ann.history("undo", before["history"]["undo"]["id"]),
        await crew.ann.say("renew"),
        await crew.ann.say("submit"),
        await crew.ann.say("hand-back"),
    ]
    assert {slug(answer) for answer in late} == {(409, "lease-lost")}
    assert await crew.ann.changes() == before


async def test_an_expired_lease_that_nobody_took_is_still_good(crew: Crew, sessions: Sessions) -> None:
    await crew.ann.next_task()
    await expire(sessions)
    await crew.ann.outline()
    assert (await crew.ann.say("renew")).status_code == 200
    assert (await crew.ben.next_task()).status_code == 404


async def test_a_repeated_write_is_answered_even_after_the_lease_was_lost(crew: Crew, sessions: Sessions) -> None:
    await crew.ann.next_task()
    key = UUID(int=7)
    first = await crew.ann.try_to_create(key=key)
    await expire(sessions)
    await crew.ben.next_task()
    again = await crew.ann.try_to_create(key=key)
    assert (again.status_code, again.json()) == (201, first.json())


async def test_a_task_handed_back_is_free_with_its_reason_and_its_work(crew: Crew) -> None:
    await crew.ann.next_task()
    masklet = await crew.ann.outline()
    back = await crew.ann.say("hand-back", reason="too dark for me")
    assert (back.json()["state"], back.json()["reason"]) == ("open", "too dark for me")
    assert slug(await crew.ann.draw(masklet, 1, disk(50, 50, 10))) == (409, "lease-lost")
    assert (await crew.ben.next_task()).status_code == 200
    assert 0 in await crew.ben.frames(masklet)


async def test_a_task_given_to_somebody_waits_for_them_and_its_holder_loses_it(crew: Crew) -> None:
    task = (await crew.ann.next_task()).json()["task"]
    body = {"assignee_id": str(crew.ben.user_id), "priority": 5}
    given = await crew.vera.client.patch(f"/api/tasks/{task['id']}", json=body)
    assert (given.status_code, given.json()["assignee_name"], given.json()["state"]) == (200, "Ben", "open")
    assert slug(await crew.ann.try_to_create()) == (409, "lease-lost")
    assert (await crew.ann.next_task()).status_code == 404
    assert slug(await crew.ann.claim(task["id"])) == (409, "task-taken")
    assert (await crew.ben.next_task()).json()["task"]["priority"] == 5
    nobody = await crew.vera.client.patch(f"/api/tasks/{task['id']}", json={"assignee_id": str(UUID(int=1))})
    assert slug(nobody) == (422, "unknown-user")


@pytest.mark.parametrize("lease", ["nonsense", "-/1", "00000000-0000-0000-0000-00000000000g/1", f"{UUID(int=3)}/1"])
async def test_a_lease_that_is_none_is_lost(crew: Crew, lease: str) -> None:
    crew.ann.lease = lease
    assert slug(await crew.ann.try_to_create()) == (409, "lease-lost")


async def test_the_video_says_who_works_on_it(crew: Crew) -> None:
    assert len((await crew.ann.lease_of_video())["waiting"]) == 1
    await crew.ann.next_task()
    own, other = await crew.ann.lease_of_video(), await crew.ben.lease_of_video()
    assert own["own"]["lease"] == crew.ann.lease
    assert (own["others"], own["waiting"]) == ([], [])
    assert (other["own"], [task["assignee_name"] for task in other["others"]]) == (None, ["Ann"])


async def test_a_task_that_does_not_exist_is_not_found(crew: Crew) -> None:
    url = f"/api/tasks/{UUID(int=9)}"
    person: Person = crew.ann
    answers = [await person.client.get(url), await person.client.post(f"{url}/claim")]
    answers += [await person.client.post(f"{url}/{verb}", json={"epoch": 0}) for verb in ("renew", "submit")]
    assert {slug(answer) for answer in answers} == {(404, "task-not-found")}
