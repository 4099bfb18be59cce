"""A project's ontology over HTTP: what is taken, what is refused, and what becomes of what exists."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update

from backend.db.engine import Sessions
from backend.tables import Masklet
from tests.backend.running import RunningBackend
from tests.backend.workplace import Annotator

VEHICLES = {
    "classes": [
        {"name": "Vehicle", "color": "#C91F16"},
        {"name": "Car", "key": "1", "noun_phrase": "a car", "parent": "vehicle"},
        {"name": "Bus", "key": "g", "parent": "Vehicle"},
    ],
    "attributes": [
        {"name": "Occluded", "scope": "object", "kind": "yes_no", "changes": True, "required": True},
        {"name": "Paint", "scope": "object", "kind": "choice", "choices": [{"name": "Red"}, {"name": "Blue"}]},
        {"name": "Weather", "scope": "frame", "kind": "text"},
        {"name": "Camera", "scope": "video", "kind": "choice", "choices": [{"name": "Hand"}, {"name": "Tripod"}]},
    ],
}


async def replace(
    client: httpx.AsyncClient, project_id: object, ontology: Any, version: int, **more: Any
) -> httpx.Response:
    body = {"ontology": ontology, **more}
    headers = {"If-Match": f'"{version}"'}
    return await client.put(f"/api/projects/{project_id}/ontology", json=body, headers=headers)


async def make_project(client: httpx.AsyncClient) -> str:
    return (await client.post("/api/projects", json={"name": "Street"})).json()["id"]


def ids(ontology: dict[str, Any]) -> dict[str, str]:
    """Of classes, attributes and choices, by name."""
    attributes = ontology["attributes"]
    choices = [choice for each in attributes for choice in each["choices"]]
    return {each["name"]: each["id"] for each in [*ontology["classes"], *attributes, *choices]}


def slug(answer: httpx.Response) -> str:
    return answer.json()["type"].rpartition(":")[2]


async def test_an_ontology_comes_back_with_ids_and_can_be_sent_to_another_project(backend: RunningBackend) -> None:
    one, other = await make_project(backend.client), await make_project(backend.client)
    empty = (await backend.client.get(f"/api/projects/{one}/ontology")).json()
    assert empty == {"version": 0, "ontology": {"classes": [], "attributes": []}}
    made = (await replace(backend.client, one, VEHICLES, 0)).json()
    assert made["version"] == 1
    assert [each["key"] for each in made["ontology"]["classes"]] == [None, "1", "G"]
    assert [each["color"] for each in made["ontology"]["classes"]] == ["#c91f16", "#ff5e02", "#c91f16"]
    assert made["ontology"]["classes"][1]["parent"] == "Vehicle"
    assert [each["changes"] for each in made["ontology"]["attributes"]] == [True, False, True, False]
    assert (await backend.client.get(f"/api/projects/{one}/ontology")).json() == made
    copied = (await replace(backend.client, other, made["ontology"], 0)).json()["ontology"]
    assert not set(ids(copied).values()) & set(ids(made["ontology"]).values())


async def test_names_and_orders_change_and_ids_stay(backend: RunningBackend) -> None:
    project = await make_project(backend.client)
    made = (await replace(backend.client, project, VEHICLES, 0)).json()["ontology"]
    classes = [{**each, "name": each["name"] + "s", "parent": None} for each in made["classes"][::-1]]
    renamed = (await replace(backend.client, project, {**made, "classes": classes}, 1)).json()["ontology"]
    assert {each["name"]: each["id"] for each in renamed["classes"]} == {
        f"{each['name']}s": each["id"] for each in made["classes"]
    }
    without_ids = {"classes": [{"name": "CARS"}], "attributes": VEHICLES["attributes"]}
    fewer = (await replace(backend.client, project, without_ids, 2)).json()["ontology"]
    assert fewer["classes"][0]["id"] == ids(made)["Car"]
    assert ids(fewer)["Tripod"] == ids(made)["Tripod"]


async def test_a_change_of_another_version_is_refused(backend: RunningBackend) -> None:
    project = await make_project(backend.client)
    await replace(backend.client, project, VEHICLES, 0)
    late = await replace(backend.client, project, {"classes": []}, 0)
    assert (late.status_code, slug(late), late.json()["version"]) == (412, "ontology-conflict", 1)
    url = f"/api/projects/{project}/ontology"
    assert (await backend.client.put(url, json={"ontology": {}})).status_code == 428


def attribute(**fields: Any) -> dict[str, Any]:
    return {"attributes": [{"name": "A", "scope": "object", "kind": "text", **fields}]}


@pytest.mark.parametrize(
    ("ontology", "at"),
    [
        ({"classes": [{"name": "Car"}, {"name": " CAR "}]}, "classes[1].name"),
        ({"classes": [{"name": "A", "key": "g"}, {"name": "B", "key": "G"}]}, "classes[1].key"),
        ({"classes": [{"name": "A", "parent": "Z"}]}, "classes[0].parent"),
        ({"classes": [{"name": "A", "parent": "a"}]}, "classes[0].parent"),
        ({"classes": [{"name": "A", "parent": "B"}, {"name": "B", "parent": "A"}]}, "classes[0].parent"),
        (attribute(kind="choice"), "attributes[0].choices"),
        (attribute(choices=[{"name": "X"}]), "attributes[0].choices"),
        (attribute(kind="choice", choices=[{"name": "x"}, {"name": "X"}]), "attributes[0].choices[1].name"),
        (attribute(scope="video", changes=True), "attributes[0].changes"),
        (attribute(scope="frame", changes=False), "attributes[0].changes"),
    ],
)
async def test_a_contradiction_is_refused_with_its_place(backend: RunningBackend, ontology: Any, at: str) -> None:
    project = await make_project(backend.client)
    refused = await replace(backend.client, project, ontology, 0)
    assert (refused.status_code, slug(refused)) == (422, "unusable-ontology")
    assert refused.json()["faults"][0]["at"] == at


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"name": "A", "key": "N"}, "'N' is no key for a class; free in the workspace are 1, 2"),
        ({"name": "A", "color": "red"}, "color"),
        ({"name": " "}, "name"),
        ({"name": "A" * 65}, "name"),
    ],
)
async def test_what_does_not_fit_a_field_is_told(backend: RunningBackend, part: Any, told: str) -> None:
    project = await make_project(backend.client)
    refused = await replace(backend.client, project, {"classes": [part]}, 0)
    assert refused.status_code == 422
    assert told in refused.json()["detail"]
    many = await replace(backend.client, project, {"classes": [{"name": str(n)} for n in range(2001)]}, 0)
    assert "at most 2,000 (classes)" in many.json()["detail"]


async def described(annotator: Annotator, sessions: Sessions) -> tuple[dict[str, Any], UUID]:
    """The ontology of a project, and an object that is a car and red from frame 0."""
    client, project = annotator.client, annotator.video.project_id
    made = (await replace(client, project, VEHICLES, 0)).json()["ontology"]
    named = ids(made)
    masklet = UUID(await annotator.create_masklet())
    values = {named["Paint"]: {"0": named["Red"]}, named["Occluded"]: {"4": True}}
    async with sessions.begin() as session:
        change = update(Masklet).where(Masklet.id == masklet)
        await session.execute(change.values(class_id=UUID(named["Car"]), attributes=values))
    return made, masklet


async def stored(sessions: Sessions, masklet_id: UUID) -> Masklet:
    async with sessions() as session:
        found = await session.get(Masklet, masklet_id)
        assert found is not None
        return found


def without(ontology: dict[str, Any], *names: str) -> dict[str, Any]:
    classes = [each for each in ontology["classes"] if each["name"] not in names]
    attributes = [
        {**each, "choices": [choice for choice in each["choices"] if choice["name"] not in names]}
        for each in ontology["attributes"]
        if each["name"] not in names
    ]
    return {"classes": classes, "attributes": attributes}


async def test_what_is_in_use_goes_only_where_the_request_says(idle_annotator: Annotator, sessions: Sessions) -> None:
    client, project = idle_annotator.client, idle_annotator.video.project_id
    made, masklet = await described(idle_annotator, sessions)
    named = ids(made)
    less = without(made, "Car", "Red", "Occluded", "Weather")
    refused = await replace(client, project, less, 1)
    assert (refused.status_code, slug(refused)) == (409, "ontology-in-use")
    assert sorted((each["what"], each["name"], each["num"]) for each in refused.json()["uses"]) == [
        ("attribute", "Occluded", 1),
        ("choice", "Paint: Red", 1),
        ("class", "Car", 1),
    ]
    unknown = await replace(client, project, less, 1, becomes={named["Car"]: "Tram"})
    assert (unknown.status_code, slug(unknown)) == (422, "unusable-ontology")
    seq = (await stored(sessions, masklet)).seq
    becomes = {named["Car"]: "bus", named["Red"]: "Blue", named["Occluded"]: None}
    done = await replace(client, project, less, 1, becomes=becomes)
    assert done.status_code == 200, done.text
    now = await stored(sessions, masklet)
    assert now.class_id == UUID(named["Bus"])
    assert now.attributes == {named["Paint"]: {"0": named["Blue"]}}
    assert now.seq > seq
    assert (await idle_annotator.changes(after=seq))["masklets"][0]["id"] == str(masklet)


async def test_what_values_are_does_not_change_under_them(idle_annotator: Annotator, sessions: Sessions) -> None:
    client, project = idle_annotator.client, idle_annotator.video.project_id
    made, masklet = await described(idle_annotator, sessions)
    occluded = ids(made)["Occluded"]
    attributes = [{**each, "kind": "text"} if each["id"] == occluded else each for each in made["attributes"]]
    other = {**made, "attributes": attributes}
    refused = await replace(client, project, other, 1)
    assert (slug(refused), refused.json()["uses"][0]["what"]) == ("ontology-in-use", "form")
    assert (await replace(client, project, other, 1, becomes={occluded: None})).status_code == 200
    assert occluded not in (await stored(sessions, masklet)).attributes


async def test_a_deleted_object_holds_nothing_back_and_goes_along(
    idle_annotator: Annotator, sessions: Sessions
) -> None:
    client, project = idle_annotator.client, idle_annotator.video.project_id
    made, masklet = await described(idle_annotator, sessions)
    async with sessions.begin() as session:
        await session.execute(update(Masklet).where(Masklet.id == masklet).values(deleted=True))
    assert (await replace(client, project, without(made, "Car"), 1)).status_code == 200
    assert (await stored(sessions, masklet)).class_id is None


async def test_a_change_is_in_the_audit_trail(backend: RunningBackend) -> None:
    project = await make_project(backend.client)
    await replace(backend.client, project, VEHICLES, 0)
    await replace(backend.client, project, {"classes": [{"name": "Car"}]}, 1)
    entries = (await backend.client.get(f"/api/projects/{project}/audit")).json()["entries"]
    (last, first) = [each for each in entries if each["action"] == "ontology.replaced"]
    assert first["details"] == {"num_classes": 3, "num_attributes": 4}
    assert last["details"]["num_classes"] == 1
    assert set(last["details"]["gone"]) == {"Vehicle", "Bus", "Occluded", "Paint", "Weather", "Camera"}
