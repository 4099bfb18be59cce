"""Labels become classes, and what else a dataset says of objects, frames and videos becomes values of attributes."""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from backend.db.engine import Sessions
from backend.imports.imported_masklets import extend_ontology
from backend.tables import AuditEntry, Video
from tests.backend.imports.importing import imported, previewed, started
from tests.backend.imports.reading import refused, zipped
from tests.backend.imports.test_imports import copy as copy
from tests.backend.imports.test_imports import vis
from tests.backend.workplace import Annotator, disk

CUP, LID, COLOR, FILLED, WEATHER = (str(uuid4()) for _ in range(5))
ONTOLOGY: dict[str, Any] = {
    "classes": [
        {"id": str(uuid4()), "name": "dish", "color": "#111111"},
        {"id": CUP, "name": "Cup", "color": "#222222", "parent": "dish", "key": "1", "noun_phrase": "a cup"},
        {"id": LID, "name": "Lid", "color": "#333333", "key": None},
    ],
    "attributes": [
        {
            "id": COLOR,
            "name": "colour",
            "scope": "object",
            "kind": "choice",
            "required": True,
            "changes": False,
            "choices": [{"id": str(uuid4()), "name": name} for name in ("red", "blue")],
        },
        {"id": FILLED, "name": "filled", "scope": "object", "kind": "yes_no", "changes": True, "choices": []},
        {"id": WEATHER, "name": "light", "scope": "frame", "kind": "text", "changes": True, "choices": []},
    ],
}


def manifest(ontology: Any = ONTOLOGY, **changes: Any) -> dict[str, Any]:
    """Of a YouTube-VIS document of one object in one video, as an export of Maskloom has it."""
    one = {
        "id": 7,
        "uuid": str(uuid4()),
        "number": 4,
        "name": "my cup",
        "origin": "auto",
        "class": {"id": CUP, "name": "Cup"},
        "attributes": [
            {"id": COLOR, "name": "colour", "values": [[0, "blue"]]},
            {"id": FILLED, "name": "filled", "values": [[0, True], [8, None], [20, False]]},
        ],
    }
    video = {
        "id": 1,
        "uuid": str(uuid4()),
        "name": "clip.mp4",
        "num_frames": 40,
        "width": 320,
        "height": 240,
        "frame_step": 1,
        "attributes": [{"id": WEATHER, "name": "light", "values": [[0, "dim"], [12, "bright"]]}],
        "objects": [one | changes],
    }
    head = {"manifest": 1, "tool": {"name": "Maskloom"}, "format": {"name": "youtube_vis"}, "ontology": ontology}
    return head | {"videos": [video]}


def archive(folder: Path, told: dict[str, Any] | None = None) -> bytes:
    files = {"a.json": vis({0: disk(50, 50, 9)}), "manifest.json": json.dumps(told or manifest())}
    return zipped(files, folder / "dataset.zip").read_bytes()


def document(labels: list[str], **more: Any) -> bytes:
    """A YouTube-VIS document with an object of each of these labels."""
    told = json.loads(vis({0: disk(50, 50, 9)}))
    told["categories"] = [{"id": at, "name": label} for at, label in enumerate(labels)]
    (one,) = told["annotations"]
    told["annotations"] = [one | {"id": at, "category_id": at} | more for at in range(len(labels))]
    return json.dumps(told).encode()


async def ontology_of(annotator: Annotator) -> tuple[int, dict[str, Any]]:
    read = (await annotator.client.get(f"/api/projects/{annotator.video.project_id}/ontology")).json()
    return read["version"], read["ontology"]


async def put_ontology(annotator: Annotator, wanted: dict[str, Any], version: int = 0) -> dict[str, Any]:
    answer = await annotator.client.put(
        f"/api/projects/{annotator.video.project_id}/ontology",
        json={"ontology": wanted},
        headers={"If-Match": f'"{version}"'},
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["ontology"])


def by_name(parts: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in parts}


async def masklets(annotator: Annotator) -> list[dict[str, Any]]:
    found = (await annotator.changes())["masklets"]
    return sorted((each for each in found if not each["deleted"]), key=lambda each: each["number"])


async def test_labels_become_classes_that_are_made_where_the_project_lacks_them(copy: Annotator) -> None:
    here = await put_ontology(copy, {"classes": [{"name": "CUP", "color": "#abcdef"}]})
    found = await previewed(copy.client, copy.video.project_id, document(["cup", "lid", "cup"]), name="a.json")
    assert [(each["name"], each["class_name"], each["num_objects"], each["fault"]) for each in found["classes"]] == [
        ("cup", "CUP", 2, None),
        ("lid", None, 1, None),
    ]
    done = await started(copy.client, found["id"])
    assert (done["num_made"], done["num_classes_made"], done["num_without_class"]) == (3, 1, 0)
    version, now = await ontology_of(copy)
    classes = by_name(now["classes"])
    assert (version, list(classes), classes["CUP"]) == (2, ["CUP", "lid"], here["classes"][0])
    assert [(each["name"], each["class_id"]) for each in await masklets(copy)] == [
        ("CUP 1", classes["CUP"]["id"]),
        ("lid 2", classes["lid"]["id"]),
        ("CUP 3", classes["CUP"]["id"]),
    ]
    again = await imported(copy, document(["LID"]), name="a.json")
    assert (again["num_classes_made"], (await ontology_of(copy))[0]) == (0, 2), "nothing is added twice"


async def test_labels_may_stay_names(copy: Annotator) -> None:
    done = await imported(copy, document(["cup", "lid"]), name="a.json", labels="names")
    assert (done["num_classes_made"], done["num_without_class"], await ontology_of(copy)) == (
        0,
        0,
        (0, {"classes": [], "attributes": []}),
    )
    assert [(each["name"], each["class_id"]) for each in await masklets(copy)] == [("cup 1", None), ("lid 2", None)]


async def test_a_label_that_can_be_no_class_is_said_and_stays_a_name(copy: Annotator) -> None:
    long = "x" * 65
    found = await previewed(copy.client, copy.video.project_id, document(["cup", long]), name="a.json")
    assert [each["fault"] for each in found["classes"]] == [None, "name: String should have at most 64 characters"]
    done = await started(copy.client, found["id"])
    assert (done["num_classes_made"], done["num_without_class"]) == (1, 1)
    assert [each["name"] for each in await masklets(copy)] == ["cup 1", f"{long} 2"]


async def test_a_manifest_brings_its_ontology_and_what_is_said_of_objects_frames_and_videos(
    copy: Annotator, sessions: Sessions, tmp_path: Path
) -> None:
    done = await imported(copy, archive(tmp_path))
    assert (done["num_classes_made"], done["num_attributes_made"], done["num_values_left_out"]) == (3, 3, 0)
    version, now = await ontology_of(copy)
    assert version == 1
    assert without_ids(now) == without_ids(ONTOLOGY)
    (one,) = await masklets(copy)
    attributes, (red, blue) = by_name(now["attributes"]), by_name(now["attributes"])["colour"]["choices"]
    assert (one["name"], one["number"], one["origin"]) == ("my cup", 4, "auto")
    assert (one["class_id"], blue["name"], red["name"]) == (by_name(now["classes"])["Cup"]["id"], "blue", "red")
    assert one["attributes"] == {
        attributes["colour"]["id"]: {"0": blue["id"]},
        attributes["filled"]["id"]: {"0": True, "8": None, "20": False},
    }
    light = {attributes["light"]["id"]: {"0": "dim", "12": "bright"}}
    assert await values_of_video(sessions, copy) == light
    async with sessions.begin() as session:
        trail = (await session.scalars(select(AuditEntry.action))).all()
    assert "ontology.extended" in trail
    again = await imported(copy, archive(tmp_path))
    assert (again["num_classes_made"], again["num_values_left_out"], (await ontology_of(copy))[0]) == (0, 0, 1)
    assert (await masklets(copy))[1]["class_id"] == one["class_id"]
    for each in (again, done):
        await copy.client.post(f"/api/imports/{each['id']}/undo")
    assert (await values_of_video(sessions, copy), await masklets(copy)) == ({}, [])
    assert (await ontology_of(copy))[1] == now, "what the ontology got stays"


def without_ids(part: Any) -> Any:
    """An ontology in comparison, with what a manifest may leave out."""
    if isinstance(part, list):
        return [without_ids(each) for each in part]
    if isinstance(part, dict):
        defaults = {"parent": None, "key": None, "noun_phrase": None, "required": False}
        if "color" not in part:
            defaults = {"required": False} if "scope" in part else {}
        return {key: without_ids(value) for key, value in (defaults | part).items() if key != "id"}
    return part


async def values_of_video(sessions: Sessions, annotator: Annotator) -> dict[str, Any]:
    async with sessions.begin() as session:
        return dict((await session.get_one(Video, annotator.video.video_id)).attributes)


async def test_a_manifest_of_the_same_project_is_matched_by_ids_whatever_is_renamed(
    copy: Annotator, sessions: Sessions, tmp_path: Path
) -> None:
    here = await put_ontology(copy, json.loads(json.dumps(ONTOLOGY, default=str)))
    told = manifest(json.loads(json.dumps(here)), **{"class": {"id": by_name(here["classes"])["Cup"]["id"]}})
    ids = by_name(here["attributes"])
    told["videos"][0]["attributes"][0]["id"] = ids["light"]["id"]
    for each, name in zip(told["videos"][0]["objects"][0]["attributes"], ("colour", "filled"), strict=True):
        each["id"] = ids[name]["id"]
    renamed = json.loads(json.dumps(here))
    by_name(renamed["classes"])["Cup"]["name"] = "Mug"
    by_name(renamed["attributes"])["colour"]["name"] = "paint"
    by_name(renamed["attributes"])["paint"]["choices"][1]["name"] = "azure"
    now = await put_ontology(copy, renamed, 1)
    told["ontology"]["attributes"][0]["choices"].append({"id": str(uuid4()), "name": "green"})
    found = await previewed(copy.client, copy.video.project_id, archive(tmp_path, told))
    assert [(each["name"], each["class_name"]) for each in found["classes"]] == [
        ("dish", "dish"),
        ("Cup", "Mug"),
        ("Lid", "Lid"),
    ]
    assert [(each["attribute_name"], each["new_choices"], each["fault"]) for each in found["attributes"]] == [
        ("paint", ["green"], None),
        ("filled", [], None),
        ("light", [], None),
    ]
    done = await started(copy.client, found["id"])
    assert (done["num_classes_made"], done["num_attributes_made"]) == (0, 0)
    version, after = await ontology_of(copy)
    assert (version, [each["name"] for each in after["attributes"][0]["choices"]]) == (3, ["red", "azure", "green"])
    (one,) = await masklets(copy)
    azure = by_name(by_name(now["attributes"])["paint"]["choices"])["azure"]["id"]
    assert one["class_id"] == by_name(now["classes"])["Mug"]["id"]
    assert one["attributes"][ids["colour"]["id"]] == {"0": azure}


async def test_an_attribute_of_another_kind_is_said_and_its_values_are_left_out_and_counted(
    copy: Annotator, sessions: Sessions, tmp_path: Path
) -> None:
    others = [
        {"name": "Colour", "scope": "object", "kind": "text"},
        {"name": "filled", "scope": "object", "kind": "yes_no", "changes": False},
        {"name": "light", "scope": "frame", "kind": "text"},
    ]
    here = await put_ontology(copy, {"attributes": others})
    light = here["attributes"][2]["id"]
    said = {"attributes": [{"attribute_id": light, "frame_index": 4, "value": "dark"}]}
    assert (await copy.client.put(f"/api/videos/{copy.video.video_id}/labels", json=said)).status_code == 200
    found = await previewed(copy.client, copy.video.project_id, archive(tmp_path))
    assert [(each["name"], each["fault"], each["num_values"]) for each in found["attributes"]] == [
        ("colour", "there it is a choice of objects, here a text of objects", 1),
        ("filled", "there it changes in the course of the video, here it does not", 1),
        ("light", None, 1),
    ]
    assert found["videos"][0]["keeps_values"]
    done = await started(copy.client, found["id"])
    assert (done["num_attributes_made"], done["num_values_left_out"]) == (0, 3)
    assert [each["attributes"] for each in await masklets(copy)] == [{}]
    assert await values_of_video(sessions, copy) == {light: {"4": "dark"}}, "what somebody said here stays"
    without = await imported(copy, archive(tmp_path), take_attributes=False)
    assert without["num_values_left_out"] == 0, "they were left out on purpose"


async def test_an_old_manifest_gives_names_and_no_classes(copy: Annotator, tmp_path: Path) -> None:
    told = manifest()
    del told["ontology"]
    for each in (told["videos"][0], told["videos"][0]["objects"][0]):
        del each["attributes"]
    del told["videos"][0]["objects"][0]["class"]
    done = await imported(copy, archive(tmp_path, told))
    assert (done["num_made"], done["num_classes_made"], await ontology_of(copy)) == (
        1,
        0,
        (0, {"classes": [], "attributes": []}),
    )
    assert [(each["name"], each["class_id"]) for each in await masklets(copy)] == [("my cup", None)]


def value(at: str, *values: Any) -> dict[str, Any]:
    return {"attributes": [{"id": at, "values": list(values)}]}


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "class": (manifest(**{"class": {"id": str(uuid4())}}), "video 1, object 7: class "),
    "attribute": (manifest(**value(str(uuid4()), [0, 1])), "of object is not in the ontology."),
    "scope": (manifest(**value(WEATHER, [0, "dim"])), f"attribute {WEATHER} of object is not in the ontology."),
    "choice": (manifest(**value(COLOR, [0, "green"])), "frame 0: attribute 'colour' is one of red, blue, not 'green'."),
    "kind": (manifest(**value(FILLED, [0, 1])), "frame 0: attribute 'filled' is true or false, not 1."),
    "order": (manifest(**value(FILLED, [4, True], [4, False])), "attribute 'filled' has a value at frame 4, out of"),
    "late": (manifest(**value(FILLED, [40, True])), "beyond the 40 that it may have."),
    "constant": (manifest(**value(COLOR, [4, "red"])), "beyond the 1 that it may have."),
    "shape": (manifest(attributes=[{"id": COLOR, "values": [[0]]}]), "videos.objects.0.attributes.0.values.0"),
    "kinds": (manifest({"attributes": [{"name": "a", "scope": "object", "kind": "date"}]}), "ontology.attributes.0"),
    "parent": (manifest({"classes": [{"name": "a", "parent": "b"}]}), "classes[0].parent: there is no class 'b'"),
    "long": (manifest({"classes": [{"name": "a" * 65}]}), "ontology.classes.0.name: String should have at most 64"),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_what_a_manifest_says_wrong_is_refused_with_the_place(name: str, tmp_path: Path) -> None:
    told, words = BROKEN[name]
    detail = refused(tmp_path, {"a.json": vis({0: disk(50, 50, 9)}), "manifest.json": json.dumps(told)})
    assert detail.startswith("manifest.json, ")
    assert words in detail


async def test_an_import_and_a_replacement_of_the_ontology_wait_for_each_other(
    copy: Annotator, sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both change it, and both lock videos first: whoever comes second goes by what the first one left."""
    extending = asyncio.Event()

    async def slowly(*args: Any, **named: Any) -> Any:
        """Begin to wait for the ontology when somebody already waits for the videos."""
        extending.set()
        for _ in range(200):
            if await blocked(sessions):
                break
            await asyncio.sleep(0.02)
        return await extend_ontology(*args, **named)

    found = await previewed(copy.client, copy.video.project_id, archive(tmp_path))
    monkeypatch.setattr("backend.imports.imported_masklets.extend_ontology", slowly)
    importing = asyncio.create_task(started(copy.client, found["id"]))
    await asyncio.wait_for(extending.wait(), 30)
    url = f"/api/projects/{copy.video.project_id}/ontology"
    body = {"ontology": {"classes": [{"name": "lamp"}]}}
    late = await copy.client.put(url, json=body, headers={"If-Match": '"0"'})
    done = await importing
    assert (done["state"], done["num_classes_made"], done["problem"]) == ("done", 3, None)
    assert (late.status_code, late.json()["version"]) == (412, 1)
    version, now = await ontology_of(copy)
    assert (version, len(now["classes"])) == (1, 3)


async def blocked(sessions: Sessions) -> bool:
    """Whether anybody waits for a lock."""
    from sqlalchemy import text

    async with sessions.begin() as session:
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(await session.scalar(text(waiting)))
