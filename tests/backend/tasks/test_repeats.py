"""What ends a piece of work is answered once under its key, however often a browser repeats it."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from backend.db.engine import Sessions
from backend.tables import AnsweredRequest, AuditEntry, Task, Verdict
from backend.tables.states import TaskKind, TaskState
from tests.backend.tasks.crew import Crew
from tests.backend.tasks.test_course import returned
from tests.backend.tasks.test_flow import WHOLE, annotated, judge, open_kinds
from tests.backend.tasks.test_leases import slug


async def test_a_task_that_was_handed_back_is_not_taken_from_the_next_person(crew: Crew) -> None:
    await crew.ann.next_task("annotate")
    key = uuid4()
    assert (await crew.ann.say("hand-back", reason="lunch", key=key)).status_code == 200
    await crew.ben.next_task("annotate")
    again = await crew.ann.say("hand-back", reason="lunch", key=key)
    assert (again.status_code, again.json()["assignee_name"]) == (200, "Ben")
    assert (await crew.ben.say("renew")).status_code == 200
    assert slug(await crew.ann.say("hand-back", reason="lunch")) == (409, "lease-lost"), "a new request"


@pytest.mark.parametrize(
    ("verb", "body", "audited"),
    [("submit", {}, None), ("contest", {"reason": "A shadow."}, "verdict.contested")],
)
async def test_a_refine_task_ends_once(
    crew: Crew, sessions: Sessions, verb: str, body: dict[str, Any], audited: str | None
) -> None:
    await returned(crew)
    key = uuid4()
    answers = await asyncio.gather(*(crew.ann.say(verb, key=key, **body) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert await open_kinds(crew) == [("verify", None)]
    assert await number_of(sessions, AuditEntry, AuditEntry.action == audited) == (audited is not None)
    assert await number_of(sessions, AnsweredRequest, AnsweredRequest.id == key) == 1


async def test_a_rejected_video_that_was_taken_back_is_not_rejected_by_an_old_request(crew: Crew) -> None:
    await crew.ann.next_task("annotate")
    key, body = uuid4(), {"reason": "somebody's face"}
    assert (await crew.ann.say("reject", key=key, **body)).status_code == 200
    video = f"/api/videos/{crew.ann.video.video_id}"
    assert (await crew.ben.client.delete(f"{video}/rejection")).status_code == 204
    assert (await crew.ann.say("reject", key=key, **body)).status_code == 200
    assert (await crew.ann.client.get(video)).json()["rejected_reason"] is None


async def test_a_task_that_ended_another_way_is_not_called_ended_as_asked(crew: Crew) -> None:
    await crew.ann.next_task("annotate")
    await crew.ann.outline(frames=WHOLE)
    assert (await crew.ann.say("submit", key=uuid4())).status_code == 200
    assert slug(await crew.ann.say("reject", reason="blurred", key=uuid4())) == (409, "lease-lost")
    assert slug(await crew.ann.say("reject", reason="blurred")) == (409, "lease-lost")


async def test_a_key_is_good_for_one_request_of_one_person(crew: Crew) -> None:
    await crew.ann.next_task("annotate")
    key = uuid4()
    assert (await crew.ann.say("hand-back", key=key)).status_code == 200
    assert slug(await crew.ann.say("hand-back", reason="lunch", key=key)) == (409, "idempotency-key-reused")
    crew.ben.lease = crew.ann.lease
    assert slug(await crew.ben.say("hand-back", key=key)) == (409, "idempotency-key-reused")


async def test_a_refused_request_may_be_repeated_under_its_key(crew: Crew) -> None:
    await crew.ann.next_task("annotate")
    key = uuid4()
    assert slug(await crew.ann.say("submit", key=key)) == (409, "nothing-to-submit")
    await crew.ann.outline(frames=WHOLE)
    assert (await crew.ann.say("submit", key=key)).status_code == 200


async def test_a_verdict_is_withdrawn_once(crew: Crew, sessions: Sessions) -> None:
    masklet = await annotated(crew)
    assert (await judge(crew, masklet, "rejected")).status_code == 201
    key, version = uuid4(), crew.vera.versions[masklet]
    gone = [
        await crew.vera.edit("DELETE", masklet, "verdicts/latest", None, key=key, version=version) for _ in range(2)
    ]
    assert [answer.status_code for answer in gone] == [200, 200]
    await crew.vera.changes()
    assert (await judge(crew, masklet, "rejected")).status_code == 201
    late = await crew.vera.edit("DELETE", masklet, "verdicts/latest", None, key=key, version=version)
    assert (late.status_code, late.json()["verdict"]) == (200, "rejected"), (
        "an old request leaves the new verdict alone"
    )
    assert await number_of(sessions, Verdict, Verdict.withdrawn) == 1
    finished = (Task.kind == TaskKind.verify) & (Task.state == TaskState.done)
    assert await number_of(sessions, Task, finished) == 2


async def number_of(sessions: Sessions, table: Any, which: Any) -> int:
    async with sessions.begin() as session:
        return await session.scalar(select(func.count()).select_from(table).where(which)) or 0
