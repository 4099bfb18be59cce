"""What is said of objects: class and values are set, checked, heard of, undone and carried along."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from backend.db.engine import Sessions
from backend.storage.objects import ObjectStore
from tests.backend.conftest import NUM_FRAMES
from tests.backend.ontology.test_ontologies import VEHICLES, ids, replace, slug, without
from tests.backend.running import RunningBackend
from tests.backend.tasks.crew import crew_at
from tests.backend.workplace import Annotator, disk, store_video


@pytest.fixture
async def named(idle_annotator: Annotator) -> dict[str, str]:
    """The ids of the ontology's classes, attributes and choices, by name."""
    made = await replace(idle_annotator.client, idle_annotator.video.project_id, VEHICLES, 0)
    return ids(made.json()["ontology"])


def said(attribute_id: str, value: Any, frame_index: int = 0) -> dict[str, Any]:
    return {"attribute_id": attribute_id, "frame_index": frame_index, "value": value}


async def describe(annotator: Annotator, masklet: str, **body: Any) -> httpx.Response:
    return await annotator.edit("PATCH", masklet, "description", body)


async def read(annotator: Annotator, masklet: str) -> dict[str, Any]:
    return next(each for each in (await annotator.changes())["masklets"] if each["id"] == masklet)


async def test_an_object_begins_with_its_class_and_is_named_after_it(
    idle_annotator: Annotator, named: dict[str, str]
) -> None:
    values = [said(named["Paint"], named["Red"])]
    masklet = await idle_annotator.create_masklet(class_id=named["Car"], attributes=values)
    found = await read(idle_annotator, masklet)
    assert (found["name"], found["class_id"]) == ("Car 1", named["Car"])
    assert found["attributes"] == {named["Paint"]: {"0": named["Red"]}}
    other = await idle_annotator.create_masklet(class_id=named["Bus"], name="Line 12")
    assert (await read(idle_annotator, other))["name"] == "Line 12"
    refused = await idle_annotator.try_to_create(class_id=str(uuid4()))
    assert (refused.status_code, slug(refused)) == (422, "unknown-class")


async def test_a_value_holds_from_its_frame_until_the_next(idle_annotator: Annotator, named: dict[str, str]) -> None:
    occluded = named["Occluded"]
    masklet = await idle_annotator.create_masklet()
    for frame, value, told in (
        (8, True, {"8": True}),
        (20, False, {"8": True, "20": False}),
        (12, True, {"8": True, "20": False}),  # it held there already
        (8, False, {"8": False}),
        (30, None, {"8": False, "30": None}),
    ):
        answer = await describe(idle_annotator, masklet, attributes=[said(occluded, value, frame)])
        assert answer.json()["attributes"] == {occluded: told}


@pytest.mark.parametrize(
    ("attribute", "value", "frame"),
    [
        ("Occluded", "yes", 0),
        ("Occluded", 1, 0),
        ("Occluded", True, 40),
        ("Paint", "Red", 0),
        ("Paint", None, 4),
        ("Weather", "rain", 0),
        ("Camera", "Hand", 0),
    ],
)
async def test_what_the_ontology_has_not_is_refused_and_changes_nothing(
    idle_annotator: Annotator, named: dict[str, str], attribute: str, value: Any, frame: int
) -> None:
    masklet = await idle_annotator.create_masklet()
    body = {"class_id": named["Car"], "attributes": [said(named[attribute], value, frame)]}
    refused = await describe(idle_annotator, masklet, **body)
    assert (refused.status_code, slug(refused)) == (422, "unknown-attribute")
    found = await read(idle_annotator, masklet)
    assert (found["class_id"], found["attributes"], found["version"]) == (None, {}, 1)


async def test_undo_takes_back_what_was_said_and_nothing_else(idle_annotator: Annotator, named: dict[str, str]) -> None:
    masklet = await idle_annotator.create_masklet(class_id=named["Car"])
    await describe(idle_annotator, masklet, class_id=named["Bus"])
    await describe(idle_annotator, masklet, attributes=[said(named["Occluded"], True, 4)])
    await describe(idle_annotator, masklet, class_id=None)
    heard = await idle_annotator.undo_top()
    assert [each["class_id"] for each in heard["masklets"]] == [named["Bus"]]
    await idle_annotator.undo_top()
    found = await read(idle_annotator, masklet)
    assert (found["class_id"], found["attributes"]) == (named["Bus"], {})
    await idle_annotator.redo_top()
    await idle_annotator.redo_top()
    found = await read(idle_annotator, masklet)
    assert (found["class_id"], found["attributes"]) == (None, {named["Occluded"]: {"4": True}})


async def test_saying_the_same_again_is_no_step(idle_annotator: Annotator, named: dict[str, str]) -> None:
    masklet = await idle_annotator.create_masklet(class_id=named["Car"])
    before = (await idle_annotator.changes())["history"]["undo"]
    answer = await describe(idle_annotator, masklet, class_id=named["Car"])
    assert answer.json()["version"] == 1
    assert (await idle_annotator.changes())["history"]["undo"] == before


async def test_undo_brings_back_what_took_the_place_of_a_class_that_is_gone(
    idle_annotator: Annotator, named: dict[str, str]
) -> None:
    client, project = idle_annotator.client, idle_annotator.video.project_id
    masklet = await idle_annotator.create_masklet(
        class_id=named["Car"], attributes=[said(named["Paint"], named["Red"])]
    )
    await describe(idle_annotator, masklet, class_id=None, attributes=[said(named["Paint"], None)])
    made = (await client.get(f"/api/projects/{project}/ontology")).json()["ontology"]
    becomes = {named["Car"]: "Bus", named["Red"]: "Blue"}
    done = await replace(client, project, without(made, "Car", "Red"), 1, becomes=becomes)
    assert done.status_code == 200, done.text
    await idle_annotator.undo_top()
    found = await read(idle_annotator, masklet)
    assert (found["class_id"], found["attributes"]) == (named["Bus"], {named["Paint"]: {"0": named["Blue"]}})


async def test_a_verdict_and_the_masks_stay(idle_annotator: Annotator, named: dict[str, str]) -> None:
    masklet = await idle_annotator.create_masklet()
    await idle_annotator.draw(masklet, 0, disk(60, 60, 9))
    before = await idle_annotator.changes()
    answer = await describe(idle_annotator, masklet, class_id=named["Car"])
    assert UUID(answer.json()["class_id"]) == UUID(named["Car"])
    after = await idle_annotator.changes(after=before["seq"])
    assert (after["frames"], [each["id"] for each in after["masklets"]]) == ([], [masklet])


async def test_undo_stops_where_somebody_else_said_something_of_the_same_object(
    backend: RunningBackend, sessions: Sessions, proxy: Path
) -> None:
    video = await store_video(sessions, ObjectStore(backend.settings.objects_dir), proxy, num_frames=NUM_FRAMES)
    async with crew_at(backend, sessions, video) as crew:
        named = ids((await replace(crew.ann.client, video.project_id, VEHICLES, 0)).json()["ontology"])
        masklet = await crew.ann.create_masklet()
        await describe(crew.ann, masklet, class_id=named["Car"])
        await crew.ben.changes()
        await describe(crew.ben, masklet, class_id=named["Bus"])
        history = (await crew.ann.changes())["history"]
        assert (history["undo"], "changed Object 1 after you" in history["undo_limit"]) == (None, True)
        await crew.ben.undo_top()
        await crew.ann.undo_top()
        assert (await read(crew.ann, masklet))["class_id"] is None
        history = (await crew.ben.changes())["history"]  # he found a car there, and finds none now
        assert (history["redo"], "described" in history["redo_limit"]) == (None, True)
