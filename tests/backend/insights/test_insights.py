"""The insights over HTTP: a log and masks in, figures, CSV and the raw log out."""

import csv
import io
import json
from typing import Any
from uuid import uuid4

from sqlalchemy import update

from backend.db.engine import Sessions
from backend.tables import Masklet
from backend.tables.states import Phase
from tests.backend.timing.test_activity import event, send
from tests.backend.workplace import Annotator, click, disk


def url(annotator: Annotator, path: str = "insights") -> str:
    return f"/api/projects/{annotator.video.project_id}/{path}"


async def insights(annotator: Annotator, **params: Any) -> dict[str, Any]:
    answer = await annotator.client.get(url(annotator), params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def phase(found: dict[str, Any], name: str = "sam2") -> dict[str, Any]:
    return next(row for row in found["phase_table"] if row["phase"] == name)


async def work(annotator: Annotator, *stints: tuple[str, int, str]) -> None:
    """One after the other, so many seconds at a masklet in a phase, in heartbeats of five."""
    at, events = 0, [event(annotator, 0, "focus", masklet_id=stints[0][0], phase=stints[0][2])]
    for masklet, seconds, name in stints:
        about = {"masklet_id": masklet, "phase": name, "payload": {"had_input": True}}
        events += [event(annotator, at + passed + 0.001, "heartbeat", **about) for passed in range(0, seconds, 5)]
        at += seconds
    await send(annotator, *events, event(annotator, at, "close", masklet_id=None))


async def test_a_project_without_work_has_empty_figures(annotator: Annotator) -> None:
    found = await insights(annotator)
    assert [row["num_masklets"] for row in found["phase_table"]] == [0, 0, 0]
    assert found["people_weeks"] == []
    assert found["coverage"]["annotation_seconds"] == 0
    assert [row["paper"]["seconds_per_frame"] for row in found["phase_table"]] == [37.8, 7.4, 4.5]


async def test_the_phase_table_follows_from_the_log_the_prompts_and_the_masks(
    annotator: Annotator, sessions: Sessions
) -> None:
    twin, cup = await annotator.create_masklet(name="Cup"), await annotator.create_masklet(name="cup ")
    for frame in (0, 4, 8):
        await annotator.draw(twin, frame, disk(100, 100, 20))
        await annotator.draw(cup, frame, disk(101 if frame < 8 else 160, 100, 20))
    await annotator.draw(cup, 8, disk(160, 100, 20))  # the same again changes nothing
    async with sessions.begin() as session:
        await session.execute(update(Masklet).where(Masklet.id == twin).values(phase=Phase.sam_per_frame))
    await work(annotator, (twin, 60, "sam_per_frame"), (cup, 15, "sam2"))
    found = await insights(annotator)
    first, third = phase(found, "sam_per_frame"), phase(found)
    assert round(first["seconds_per_frame"]["value"], 2) == 20
    assert round(third["seconds_per_frame"]["value"], 2) == 5
    assert (first["num_masklets"], third["num_masklets"]) == (1, 1)
    assert (first["edited_frames"]["value"], third["edited_frames"]["value"]) == (1.0, 1.0)
    assert round(third["alignment"]["value"], 3) == 0.667
    assert third["alignment_medium"]["count"] == 1
    assert first["alignment"]["value"] is None
    assert third["presence_agreement"]["value"] == 1.0


async def test_clicks_are_counted_from_the_history_also_those_taken_back(annotator: Annotator) -> None:
    cup = await annotator.create_masklet(name="cup")
    one, two = click(100, 100), click(120, 110)
    await annotator.prompt(cup, 0, one)
    await annotator.prompt(cup, 0, one, two)
    await annotator.undo_top()
    await annotator.prompt(cup, 4, one)
    await work(annotator, (cup, 10, "sam2"))
    row = phase(await insights(annotator))
    assert (
        row["clicks_per_clicked_frame"]["value"] == 1.5
    )  # two on frame 0, of which one was taken back; one on frame 4


async def test_a_person_filter_and_dates_narrow_what_counts(annotator: Annotator) -> None:
    cup = await annotator.create_masklet(name="cup")
    await annotator.draw(cup, 0, disk(100, 100, 20))
    await work(annotator, (cup, 10, "sam2"))
    found = await insights(annotator)
    assert (await insights(annotator, person=found["me"]))["coverage"] == found["coverage"]
    assert phase(await insights(annotator, since="2100-01-01T00:00:00Z"))["num_masklets"] == 0
    assert (await insights(annotator, until="2000-01-01T00:00:00Z"))["people_weeks"] == []
    assert phase(await insights(annotator, verified=True))["num_masklets"] == 0
    week = found["people_weeks"][0]
    assert (week["name"], week["annotation_seconds"], week["edited_frames"]) == ("Owner", 10, 1)


async def test_every_figure_is_there_as_csv(annotator: Annotator) -> None:
    cup = await annotator.create_masklet(name="cup")
    await annotator.draw(cup, 0, disk(100, 100, 20))
    await work(annotator, (cup, 10, "sam2"))
    for figure, first_column in (("phase_table", "phase"), ("waiting_time", "phase"), ("people_weeks", "user_id")):
        answer = await annotator.client.get(url(annotator, f"insights/{figure}.csv"))
        assert answer.headers["content-type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert rows
        assert next(iter(rows[0])) == first_column
    table = csv.DictReader(io.StringIO((await annotator.client.get(url(annotator, "insights/phase_table.csv"))).text))
    assert {row["phase"]: row["seconds_per_frame_value"] for row in table}["sam2"] == "10.0"
    unknown = await annotator.client.get(url(annotator, "insights/nonsense.csv"))
    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:maskloom:problem:unknown-figure")


async def test_the_raw_log_leaves_whole_in_order_and_stays_in_its_project(annotator: Annotator) -> None:
    events = [event(annotator, at / 10, "input", tool="=1+1", payload={"keys": at}) for at in range(450)]
    await send(annotator, *events)
    text = (await annotator.client.get(url(annotator, "activity"))).text
    rows = [json.loads(line) for line in text.splitlines()]
    assert [row["event_id"] for row in rows] == [of["event_id"] for of in events]
    assert rows[7]["payload"] == {"keys": 7}
    table = (await annotator.client.get(url(annotator, "activity"), params={"format": "csv"})).text
    found = list(csv.DictReader(io.StringIO(table)))
    assert [row["event_id"] for row in found] == [of["event_id"] for of in events]
    assert found[0]["tool"] == "'=1+1"
    other = await annotator.client.post("/api/projects", json={"name": "Other"})
    assert (await annotator.client.get(f"/api/projects/{other.json()['id']}/activity")).text == ""
    assert (await annotator.client.get(f"/api/projects/{uuid4()}/activity")).status_code == 404
    assert (await annotator.client.get(f"/api/projects/{uuid4()}/insights")).status_code == 404
