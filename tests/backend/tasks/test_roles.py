"""Who gets which tasks follows from their role in the project."""

import pytest

from backend.db.engine import Sessions
from backend.tables.states import Role
from tests.backend.running import RunningBackend
from tests.backend.tasks.crew import Crew, person_at
from tests.backend.tasks.test_leases import slug
from tests.backend.workplace import StoredVideo


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        (Role.annotator, (200, 404)),
        (Role.verifier, (404, 200)),
        (Role.viewer, (404, 404)),
        (Role.manager, (200, 200)),
    ],
)
async def test_a_role_is_given_its_own_kinds_of_tasks(
    crew: Crew,
    workplace: RunningBackend,
    sessions: Sessions,
    stored_video: StoredVideo,
    role: Role,
    statuses: tuple[int, int],
) -> None:
    annotates, verifies = statuses
    person = await person_at(workplace, sessions, stored_video, "new", role)
    async with person.client:
        (waiting,) = [task["id"] for task in await crew.ann.tasks()]
        assert len((await person.lease_of_video())["waiting"]) == (annotates == 200)
        if annotates != 200:
            assert slug(await person.claim(waiting)) == (409, "task-taken")
        assert (await person.next_task("annotate")).status_code == annotates
        if annotates == 200:
            await person.say("hand-back")
        await crew.ann.next_task()
        await crew.ann.outline()
        await crew.ann.say("submit")
        assert (await person.next_task("verify")).status_code == verifies
