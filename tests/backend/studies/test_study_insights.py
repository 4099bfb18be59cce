"""The phase table of a study: what its participants did, each object beside its phase-1 twin."""

from typing import Any

from backend.db.engine import Sessions
from backend.insights.queries import masklets
from backend.tables.states import Role
from tests.backend.running import RunningBackend
from tests.backend.studies.test_studies import own, started
from tests.backend.tasks.conftest import crew as crew
from tests.backend.tasks.crew import Crew, person_at
from tests.backend.workplace import StoredVideo


async def table(crew: Crew, **params: Any) -> dict[str, Any]:
    url = f"/api/projects/{crew.vera.video.project_id}/insights"
    answer = await crew.vera.client.get(url, params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_the_phase_table_can_be_that_of_a_study(crew: Crew) -> None:
    study = await started(crew)
    assert [each["study_id"] for each in (await table(crew))["studies"]] == [study["id"]]
    assert (await table(crew, study=study["id"]))["phase_table"][0]["num_masklets"] == 0, "nobody has worked yet"


async def test_who_sees_only_themselves_is_not_told_of_studies(
    crew: Crew, workplace: RunningBackend, sessions: Sessions, stored_video: StoredVideo
) -> None:
    await started(crew)
    ada = await person_at(workplace, sessions, stored_video, "ada", Role.annotator)
    answer = await ada.client.get(f"/api/projects/{stored_video.project_id}/insights")
    await ada.client.aclose()
    assert answer.json()["studies"] == []


async def test_copies_of_one_object_are_twins_whatever_they_are_called(crew: Crew, sessions: Sessions) -> None:
    study = await started(crew)
    arm = own(study, crew.ben)[0]
    async with sessions.begin() as session:
        found = {str(each.masklet_id): each for each in await masklets(session, crew.ben.video.project_id)}
    keys = {found[each["masklet_id"]].object_key for each in study["arms"] if each["selected_id"] == arm["selected_id"]}
    assert keys == {arm["selected_id"]}
    assert {str(found[each["masklet_id"]].study_id) for each in study["arms"]} == {study["id"]}
