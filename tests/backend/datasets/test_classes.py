"""What files and manifests say of classes and attributes, and what a choice of classes makes of it."""

import contextlib
import io
import json
import re
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from pycocotools.coco import COCO

from backend.datasets.descriptions import DatasetOntology, ExportedValues, exported_values
from backend.datasets.formats.format import ExportedMasklet, ExportedVideo
from backend.datasets.formats.registry import FORMATS
from backend.ontology.problems import UnknownClass
from backend.ontology.schemas import AttributeScope, ObjectClass, Ontology
from backend.ontology.timelines import Value
from tests.backend.datasets.ontologies import (
    CAR,
    OCCLUDED,
    ODD,
    ONTOLOGY,
    PAINT,
    SEASON,
    SPEED,
    STRANGE,
    VEHICLE,
    WEATHER,
    WORDS,
    object_class,
)
from tests.backend.datasets.test_lossless_layouts import dataset, masklet, video, videos

Found = set[tuple[Any, Any, str]]
"""A video's id in the files, an object's id there, and its class."""


def plain(text: str) -> str:
    """As XML has it that knows no control characters and no other space."""
    return re.sub("[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", " ", text)


def coco_classes(root: Path, _manifest: dict[str, Any]) -> Found:
    found: Found = set()
    for path in (root / "annotations").glob("*.json"):
        with contextlib.redirect_stdout(io.StringIO()):
            known: Any = COCO(str(path))
        for each in known.loadAnns(known.getAnnIds()):
            (category,) = known.loadCats(each["category_id"])
            found.add((each["video_id"], each["track_id"], category["name"]))
    return found


def youtube_vis_classes(root: Path, _manifest: dict[str, Any]) -> Found:
    found: Found = set()
    for path in set(root.glob("*.json")) - {root / "manifest.json"}:
        known = json.loads(path.read_text())
        names = {each["id"]: each["name"] for each in known["categories"]}
        found |= {(each["video_id"], each["id"], names[each["category_id"]]) for each in known["annotations"]}
    return found


def youtube_vos_classes(root: Path, _manifest: dict[str, Any]) -> Found:
    return {
        (key, int(number), each["category"])
        for path in root.glob("*/meta.json")
        for key, of_video in json.loads(path.read_text())["videos"].items()
        for number, each in of_video["objects"].items()
    }


def cvat_classes(root: Path, _manifest: dict[str, Any]) -> Found:
    found: Found = set()
    for path in root.glob("*.xml"):
        document = ET.parse(path)
        labels = {each.findtext("name") for each in document.iterfind("meta/task/labels/label")}
        for track in document.iterfind("track"):
            assert track.get("label") in labels
            found.add((path.stem, int(track.get("group_id", "")), track.get("label", "")))
    return found


def yolo_seg_classes(root: Path, manifest: dict[str, Any]) -> Found:
    """Objects of a picture stand in order of their numbers, and here all are visible on one picture at least."""
    yaml = pytest.importorskip("yaml", reason="comes with schemathesis")
    names = yaml.safe_load((root / "data.yaml").read_text())["names"]
    assert list(names) == list(range(len(names)))
    lines = {path.stem: path.read_text().splitlines() for path in (root / "labels").rglob("*.txt")}
    found: Found = set()
    for entry in manifest["videos"]:
        if len(entry["objects"]) == 1:
            said = {names[int(line.split()[0])] for key in lines if key.startswith(entry["id"]) for line in lines[key]}
            found |= {(entry["id"], entry["objects"][0]["id"], each) for each in said}
    return found


READ_CLASSES: dict[str, Callable[[Path, dict[str, Any]], Found]] = {
    "coco": coco_classes,
    "youtube_vis": youtube_vis_classes,
    "youtube_vos": youtube_vos_classes,
    "cvat": cvat_classes,
    "yolo_seg": yolo_seg_classes,
}


@pytest.mark.parametrize("name", sorted(READ_CLASSES))
@settings(max_examples=20, deadline=None)
@given(exported=videos())
def test_files_and_manifest_say_the_class_and_the_values_of_each_object(
    name: str, exported: list[ExportedVideo]
) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        (Path(temporary) / "proxy.mp4").write_bytes(b"video")
        here = [replace(each, proxy=Path(temporary) / "proxy.mp4") for each in exported]
        with dataset(name, here) as (folder, manifest):
            read = READ_CLASSES[name](folder, manifest)
    for each, entry in zip(exported, manifest["videos"], strict=True):
        assert entry["attributes"] == told(each.values)
        of_masklet = {str(one.id): one for one in each.masklets}
        for found in entry["objects"]:
            one = of_masklet[found["uuid"]]
            said = one.object_class
            assert found["class"] == (said and {"id": str(said.id), "name": said.name})
            assert found["attributes"] == told(one.values)
            in_files = {word for video_id, key, word in read if (video_id, key) == (entry["id"], found["id"])}
            word = "object" if said is None else said.name
            assert in_files <= {plain(word) if name == "cvat" else word}
            assert in_files or name in ("yolo_seg", "youtube_vos"), "wholly covered, or not alone"


def told(values: Collection[ExportedValues]) -> list[dict[str, Any]]:
    return [
        {"id": str(each.attribute.id), "name": each.attribute.name, "values": [list(one) for one in said.items()]}
        for each in values
        for said in [each.by_frame]
    ]


def test_categories_follow_from_the_ontology_and_not_from_the_objects() -> None:
    pixels = {0: np.ones((2, 2), bool)}
    one, other = masklet(1, pixels), replace(masklet(2, pixels), object_class=CAR)
    found = []
    for kept in ([one, other], [other], [one]):
        with dataset("coco", [video(kept, (2, 2))]) as (folder, _manifest):
            written = json.loads((folder / "annotations/instances_train.json").read_text())
        found.append({each["track_id"]: each["category_id"] for each in written["annotations"]})
        assert written["categories"] == [
            {"id": 1, "name": "Vehicle", "supercategory": "Vehicle"},
            {"id": 2, "name": "Car", "supercategory": "Vehicle"},
            {"id": 3, "name": ODD, "supercategory": ODD},
            {"id": 4, "name": "object", "supercategory": "object"},
        ]
    assert found[0] == found[1] | found[2]
    assert sorted(found[0].values()) == [2, 4]


def names_of(ontology: DatasetOntology) -> list[tuple[int, int, str]]:
    return [(each.place, each.index, each.name) for each in ontology.classes]


def test_chosen_classes_keep_their_places_and_are_counted_without_gaps() -> None:
    assert names_of(DatasetOntology(Ontology())) == [(0, 0, "object")]
    chosen = DatasetOntology(ONTOLOGY, {CAR.id, None})
    assert names_of(chosen) == [(1, 0, "Car"), (3, 1, "object")]
    assert (chosen.class_of(CAR).index, chosen.class_of(None).index) == (0, 1)
    assert names_of(DatasetOntology(ONTOLOGY, {STRANGE.id})) == [(2, 0, ODD)]
    with pytest.raises(UnknownClass, match=str(UUID(int=99))):
        DatasetOntology(ONTOLOGY, {CAR.id, UUID(int=99)})


def test_a_class_called_object_holds_those_without_a_class() -> None:
    own = Ontology(classes=[object_class(5, "Object"), VEHICLE])
    assert names_of(DatasetOntology(own)) == [(0, 0, "Object"), (1, 1, "Vehicle")]
    assert DatasetOntology(own).class_of(None).name == "Object"
    assert names_of(DatasetOntology(own, {None})) == [(0, 0, "Object")]


def test_values_are_told_with_names_and_rising_frames() -> None:
    red = str(PAINT.choices[0].id)
    stored = {
        str(SPEED.id): {"12": 2.5, "4": 1.0},
        str(PAINT.id): {"0": red},
        str(WORDS.id): {"0": red},
        str(SEASON.id): {"0": str(SEASON.choices[0].id)},
        str(OCCLUDED.id): {"8": True, "10": None},
    }
    found = exported_values(ONTOLOGY, stored, AttributeScope.object)
    assert [(each.attribute, dict(each.by_frame)) for each in found] == [
        (PAINT, {0: "Red"}),
        (OCCLUDED, {8: True, 10: None}),
        (SPEED, {4: 1.0, 12: 2.5}),
        (WORDS, {0: red}),
    ]
    assert [found[1].at(frame) for frame in (7, 8, 9, 10, 99)] == [None, True, True, None, None]
    assert [each.by_frame for each in exported_values(ONTOLOGY, stored, AttributeScope.video)] == [{0: "Summer"}]


def said(object_class: ObjectClass | None, *values: ExportedValues) -> ExportedMasklet:
    pixels = np.ones((2, 2), bool)
    return replace(masklet(3, {0: pixels, 2: pixels}), object_class=object_class, values=values)


def test_cvat_has_labels_with_attributes_and_the_values_of_each_frame(tmp_path: Path) -> None:
    (tmp_path / "proxy.mp4").write_bytes(b"video")
    values: list[tuple[Any, dict[int, Value]]] = [
        (PAINT, {0: "Red"}),
        (OCCLUDED, {0: True, 1: None, 2: False}),
        (SPEED, {2: 3.0}),
        (WORDS, {0: "a\nb"}),
    ]
    object_of = said(STRANGE, *(ExportedValues(each, by_frame) for each, by_frame in values))
    exported = [video([object_of], (2, 2), proxy=tmp_path / "proxy.mp4")]
    with dataset("cvat", exported) as (folder, _manifest):
        (path,) = folder.glob("*.xml")
        document = ET.parse(path)
    labels = list(document.iterfind("meta/task/labels/label"))
    assert [(each.findtext("name"), each.findtext("color"), each.findtext("type")) for each in labels] == [
        ("Vehicle", "#000001", "mask"),
        ("Car", "#000002", "mask"),
        (ODD, "#000003", "mask"),
        ("object", None, "mask"),
    ]
    columns = ("name", "mutable", "input_type", "default_value", "values")
    for label in labels:
        attributes = [[each.findtext(key) for key in columns] for each in label.iterfind("attributes/attribute")]
        assert attributes == [
            ["Paint", "False", "select", "__undefined__", f"__undefined__\nRed\n{ODD}"],
            ["Occluded", "True", "checkbox", "false", "false"],
            ["Speed", "True", "number", "0", "-1000000000000000\n1000000000000000\n1"],
            ['"Words" <1>', "False", "text", "", ""],
        ]
    first, second = document.iterfind("track")
    assert (first.get("label"), first.get("group_id")) == (ODD, "3")
    told_of = [
        {each.get("name"): each.text for each in mask.iterfind("attribute")}
        for mask in (*first.iterfind("mask"), *second.iterfind("mask"))
    ]
    at_0 = {"Paint": "Red", "Occluded": "true", '"Words" <1>': "a b"}
    assert told_of == [at_0, at_0, at_0 | {"Occluded": "false", "Speed": "3"}]


def test_yolo_numbers_the_chosen_classes_and_quotes_their_names() -> None:
    with dataset("yolo_seg", [video([said(CAR)], (2, 2))]) as (folder, _manifest):
        names = (folder / "data.yaml").read_text().partition("names:\n")[2]
        assert names == (
            '  0: "Vehicle"\n  1: "Car"\n  2: "no: \\U00000022<Tasse> & ☕\\U00000085\\U0000005c"\n  3: "object"\n'
        )
        labels = [path.read_text() for path in (folder / "labels").rglob("*.txt")]
    assert {text[:2] for text in labels} == {"1 "}


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_manifest_says_which_object_is_which_without_a_database(name: str, tmp_path: Path) -> None:
    (tmp_path / "proxy.mp4").write_bytes(b"video")
    seen = said(CAR, ExportedValues(PAINT, {0: "Red"}), ExportedValues(OCCLUDED, {1: True, 2: None}))
    of_video = (ExportedValues(WEATHER, {1: "rain"}), ExportedValues(SEASON, {0: "Summer"}))
    with dataset(name, [video([seen], (2, 2), proxy=tmp_path / "proxy.mp4", values=of_video)]) as (_folder, manifest):
        (entry,) = manifest["videos"]
        (found,) = entry["objects"]
    assert Ontology.model_validate(manifest["ontology"]) == ONTOLOGY
    assert list(manifest).index("ontology") < list(manifest).index("videos")
    assert found["class"] == {"id": str(CAR.id), "name": "Car"}
    assert found["attributes"] == [
        {"id": str(PAINT.id), "name": "Paint", "values": [[0, "Red"]]},
        {"id": str(OCCLUDED.id), "name": "Occluded", "values": [[1, True], [2, None]]},
    ]
    assert entry["attributes"] == [
        {"id": str(WEATHER.id), "name": "Weather", "values": [[1, "rain"]]},
        {"id": str(SEASON.id), "name": "Season", "values": [[0, "Summer"]]},
    ]
