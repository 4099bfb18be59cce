"""Datasets as others publish them: what their conventions mean is what is read, without a manifest of ours."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco

from backend.imports.content.files import Meter
from backend.imports.content.harvest import Harvest
from backend.imports.survey import Survey, survey_dataset
from backend.tables.states import Origin
from tests.backend.imports.reading import CORNER, IDS, ReadObject, decoded, png, read_dataset, rle, zipped

SIZE = (6, 8)


def read(tmp_path: Path, content: Any) -> tuple[Survey, dict[str, ReadObject]]:
    """The survey, and the objects of the only video."""
    if isinstance(content, dict) and all(isinstance(value, bytes) for value in content.values()):
        survey, found = read_dataset(zipped(content, tmp_path / "dataset.zip"))
    else:
        path = tmp_path / "a.json"
        path.write_text(json.dumps(content))
        survey, found = read_dataset(path, name="a.json")
    (objects,) = found.values()
    return survey, objects


def areas(one: ReadObject) -> dict[int, int]:
    return {frame: int(decoded(counts, SIZE).sum()) for frame, counts in one.counts.items()}


def test_sa_v_has_masks_on_every_fourth_frame_null_where_nobody_knows_and_empty_where_absent(tmp_path: Path) -> None:
    rows = [[rle(CORNER), None], [rle(~CORNER), rle(CORNER)], [rle(CORNER * False), None]]
    head = {"video_id": "sav_000001", "video_frame_count": 9.0, "video_height": 6.0, "video_width": 8.0}
    tail = {"masklet_id": [0, 1], "masklet_num": 2, "masklet_type": ["manual", "manual"]}
    files = {
        "sav_000001_manual.json": json.dumps(head | {"masklet": rows} | tail).encode(),
        "sav_000001_auto.json": json.dumps(
            head
            | {"masklet": [[rle(CORNER)]] * 3, "masklet_id": [0], "masklet_type": ["auto"]}
            | {"masklet_stability_score": [[0.9], [0.8], [0.7]]}
        ).encode(),
    }
    survey, objects = read(tmp_path, files)
    (video,) = survey.videos
    assert (survey.format, video.num_frames, video.numbers(), video.names[0]) == (
        ("sa_v", 9, [0, 4, 8], "sav_000001.mp4")
    )
    first, second, auto = (objects[key] for key in sorted(objects, key=lambda key: ("auto" in key, key)))
    assert (areas(first), areas(second)) == ({0: 10, 4: 38, 8: 0}, {4: 10})
    assert (first.found.origin, auto.found.origin) == (Origin.manual, Origin.auto)


def test_davis_mose_and_lvos_have_ids_as_palette_values_and_frames_of_any_first_number(tmp_path: Path) -> None:
    frames = [IDS, IDS * 2, IDS * 0]
    for folder, first in (("DAVIS/Annotations/480p/bear", 0), ("Annotations/0012", 0), ("LVOS/Annotations/dog", 37)):
        files = {f"{folder}/{first + at:08d}.png": png(frame) for at, frame in enumerate(frames)}
        survey, objects = read(tmp_path, files)
        assert (survey.format, survey.videos[0].names) == ("davis", [folder.rpartition("/")[2]])
        assert {key: areas(one) for key, one in objects.items()} == {
            "1": {0: 10, 1: 0, 2: 0},
            "2": {0: 0, 1: 10, 2: 0},
        }
        assert [one.found.number for one in objects.values()] == [1, 2]


def test_a_palette_of_few_colours_and_a_gray_one_hold_ids_as_well(tmp_path: Path) -> None:
    for mode in ("P", "L"):
        _survey, objects = read(tmp_path, {"Annotations/clip/00000.png": png(IDS * 3, mode)})
        assert areas(objects["3"]) == {0: 10}


def test_youtube_vos_gives_objects_their_categories_and_lets_them_come_late(tmp_path: Path) -> None:
    objects = {"1": {"category": "cup", "frames": ["00000"]}, "2": {"category": "lid", "frames": ["00005"]}}
    files = {
        "train/meta.json": json.dumps({"videos": {"0043f083b5": {"objects": objects}}}).encode(),
        "train/Annotations/0043f083b5/00000.png": png(IDS),
        "train/Annotations/0043f083b5/00005.png": png(IDS * 2),
    }
    survey, found = read(tmp_path, files | {f"train/JPEGImages/0043f083b5/0000{n}.jpg": b"" for n in (0, 5)})
    assert survey.format == "youtube_vos"
    assert {one.found.label: list(areas(one).values()) for one in found.values()} == {"cup": [10, 0], "lid": [0, 10]}


def test_sa_v_val_has_a_folder_for_each_object_and_absence_where_a_picture_is_missing(tmp_path: Path) -> None:
    files = {f"Annotations_6fps/sav_1/{name}.png": png(IDS, "L") for name in ("000/00000", "000/00004", "001/00004")}
    pictures = {f"JPEGImages_24fps/sav_1/{at:05d}.jpg": b"" for at in range(6)}
    survey, objects = read(tmp_path, files | pictures)
    assert (survey.format, survey.videos[0].pictures) == ("object_masks", True)
    assert [areas(one) for one in objects.values()] == [{0: 10, 4: 10}, {0: 0, 4: 10}]
    assert [one.found.number for one in objects.values()] == [1, 2], "as SA-V's loader counts them"


@pytest.mark.parametrize(
    "names", [["v/00000.jpg", "v/00005.jpg"], ["v/img_0000001.jpg", "v/img_0000002.jpg"], ["b", "a"]]
)
def test_youtube_vis_and_ovis_name_frames_as_they_like(names: list[str], tmp_path: Path) -> None:
    document = {
        "videos": [{"id": "v", "file_names": names, "width": 8, "height": 6, "length": 2}],
        "categories": [{"id": 3, "name": "cup"}],
        "annotations": [
            {"id": 1, "video_id": "v", "category_id": 3, "iscrowd": 0, "segmentations": [None, rle(CORNER)]},
            {"id": 2, "video_id": "v", "category_id": 3, "iscrowd": 1, "segmentations": [rle(CORNER), None]},
        ],
    }
    survey, objects = read(tmp_path, document)
    assert survey.format == "youtube_vis"
    assert [list(areas(one).values()) for one in objects.values()] == [[0, 10], [10, 0]]
    assert [(one.found.label, one.found.name) for one in objects.values()] == [("cup", None), ("cup", "cup (crowd)")]


def test_coco_has_polygons_run_lengths_of_both_kinds_and_crowds_in_any_order(tmp_path: Path) -> None:
    square = [0.0, 0.0, 5.0, 0.0, 5.0, 2.0, 0.0, 2.0]
    other = [6.0, 4.0, 8.0, 4.0, 8.0, 6.0]
    masks = [[square], rle(CORNER), rle(CORNER, compressed=False), [square, other]]
    annotations = [
        {"id": at, "image_id": at % 2, "category_id": 1, "iscrowd": at // 3, "segmentation": mask}
        for at, mask in enumerate(masks)
    ]
    images = [{"id": at, "file_name": f"clip/{at:05d}.jpg", "width": 8, "height": 6} for at in (1, 0)]
    survey, objects = read(tmp_path, {"annotations": annotations, "images": images, "categories": []})
    assert survey.format == "coco"
    pieces: Any = [square, other]
    drawn: Any = coco.merge(coco.frPyObjects(pieces, 6, 8))
    assert [areas(one) for one in objects.values()] == [{0: 10}, {1: 10}, {0: 10}, {1: int(coco.area(drawn))}]
    assert objects["annotation 3"].found.name == "Object (crowd)"
    assert np.array_equal(decoded(objects["annotation 3"].counts[1], SIZE), coco.decode(drawn).astype(bool))


def test_annotations_of_one_track_are_one_object_which_is_absent_where_it_has_none(tmp_path: Path) -> None:
    images = [
        {"id": at, "file_name": "x.jpg", "video_id": 9, "frame_id": at, "width": 8, "height": 6} for at in range(3)
    ]
    annotations = [
        {"id": at, "image_id": at, "category_id": 1, "segmentation": rle(CORNER), "instance_id": 4} for at in (0, 2)
    ]
    videos = [{"id": 9, "name": "clip.mp4"}]
    survey, objects = read(tmp_path, {"videos": videos, "images": images, "annotations": annotations})
    assert (survey.format, survey.videos[0].names[0], survey.videos[0].indexes) == ("coco", "clip.mp4", True)
    assert areas(objects["4"]) == {0: 10, 1: 0, 2: 10}


def test_what_is_read_lies_in_a_file_that_nothing_changes_any_more(tmp_path: Path) -> None:
    content = tmp_path / "content.sqlite"
    survey_dataset(
        zipped({"Annotations/c/0.png": png(IDS)}, tmp_path / "d.zip"), name="", content=content, meter=Meter()
    )
    before = content.read_bytes()
    harvest = Harvest(content)
    assert [key for _id, key, _found in harvest.videos()] == ["c"]
    harvest.close()
    assert content.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["content.sqlite", "d.zip"]
