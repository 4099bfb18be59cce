"""Managers see everybody's time; everybody else sees their own, by every route that tells of time."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from backend.app import create_app
from backend.db.engine import Sessions
from backend.settings import Settings
from backend.tables.states import Role
from tests.backend.running import RunningBackend
from tests.backend.tasks.crew import Person, person_at
from tests.backend.timing.test_activity import event, send
from tests.backend.workplace import StoredVideo, disk

SECONDS = {"ada": 20.0, "ben": 40.0}


@pytest.fixture
async def people(
    workplace: RunningBackend, sessions: Sessions, stored_video: StoredVideo
) -> AsyncIterator[dict[str, Person]]:
    """Ada and Ben have worked on one masklet; Vera only verifies, and Max manages."""
    roles = {"ada": Role.annotator, "ben": Role.annotator, "vera": Role.verifier, "max": Role.manager}
    people = {name: await person_at(workplace, sessions, stored_video, name, role) for name, role in roles.items()}
    masklet = await people["ada"].create_masklet()
    await people["ada"].draw(masklet, 0, disk(100, 100, 20))
    for name, seconds in SECONDS.items():
        about = {"masklet_id": masklet, "session": str(uuid4()), "payload": {"had_input": True}}
        beats = [event(people[name], at + 0.001, "heartbeat", **about) for at in range(0, int(seconds), 5)]
        last = event(people[name], seconds, "close", **about)
        await send(people[name], event(people[name], 0, "focus", **about), *beats, last)
    yield people
    for person in people.values():
        await person.client.aclose()


async def read(person: Person, path: str, **params: Any) -> Any:
    answer = await person.client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json() if answer.headers["content-type"] == "application/json" else answer.text


def expected(name: str) -> float:
    return sum(SECONDS.values()) if name == "max" else SECONDS.get(name, 0.0)


@pytest.mark.parametrize("name", ["ada", "ben", "vera", "max"])
async def test_a_videos_seconds_are_ones_own_or_a_managers(people: dict[str, Person], name: str) -> None:
    found = await read(people[name], f"/api/videos/{people[name].video.video_id}/timing")
    assert found["sees_everyone"] is (name == "max")
    (masklet,) = found["masklets"]
    assert masklet["annotated_frames"] == 1
    for seconds in (found["annotation_seconds"], masklet["active_seconds"], found["focused_seconds"]):
        assert seconds == pytest.approx(expected(name), abs=0.01)
    assert (found["first_event_at"] is None) is (name == "vera")


@pytest.mark.parametrize("name", ["ada", "ben", "vera", "max"])
async def test_a_projects_figures_are_of_ones_own_time_or_a_managers(people: dict[str, Person], name: str) -> None:
    project = f"/api/projects/{people[name].video.project_id}"
    found = await read(people[name], f"{project}/insights")
    tables = [*found["phase_table"], *found["waiting_time"], *found["people_weeks"], found["coverage"]]
    names = ("active_seconds", "annotation_seconds", "focused_seconds")
    told = [row[column] for row in tables for column in names if row.get(column)]
    total = expected(name)
    assert all(seconds == pytest.approx(total, abs=0.01) for seconds in told if name != "max")
    assert (sum(told) > 0) is (total > 0)
    assert found["coverage"]["annotation_seconds"] == pytest.approx(total, abs=0.01)
    for figure in ("phase_table", "waiting_time", "people_weeks"):
        text = str(await read(people[name], f"{project}/insights/{figure}.csv"))
        assert name == "max" or not any(str(int(SECONDS[other])) + "." in text for other in SECONDS if other != name)
    log = [json.loads(line) for line in str(await read(people[name], f"{project}/activity")).splitlines()]
    whose = {each["user_id"] for each in log}
    assert whose == ({str(people[each].user_id) for each in SECONDS if name in (each, "max")})


def test_no_other_body_tells_how_long_somebody_worked() -> None:
    """A body that gets such a field is listed here once its route shows people no more than their own."""
    schemas = create_app(Settings()).openapi()["components"]["schemas"]
    worked = {"active", "annotation", "focused", "open", "rework", "reviewing", "shared", "verifying", "waiting"}
    tell = {
        name
        for name, schema in schemas.items()
        if worked & {field.removesuffix("_seconds") for field in schema.get("properties", {}) if "seconds" in field}
    }
    insights = {"Coverage", "IdleTotalRead", "PersonWeekRow", "PhaseRow", "WaitingRow"}
    assert tell == insights | {"IdleTotal", "MaskletTimingRead", "VideoTimingRead"}
