"""A document that cannot be what it should be is refused, and the detail names the entry to blame."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.backend.imports.reading import CORNER, read_dataset, refused, rle

NAMES = ["clip/00000.jpg", "clip/00001.jpg"]


def vis(**annotation: Any) -> dict[str, Any]:
    """A YouTube-VIS document of two frames, with one object whose members may be others."""
    plain = {
        "id": 7,
        "video_id": 1,
        "category_id": 1,
        "segmentations": [rle(CORNER), None],
        "bboxes": [[0, 0, 5, 2], None],
    }
    video = {"id": 1, "file_names": NAMES, "width": 8, "height": 6, "length": 2}
    return {"videos": [video], "annotations": [plain | annotation]}


def coco(segmentation: Any, **annotation: Any) -> dict[str, Any]:
    image = {"id": 3, "file_name": "clip/00000.jpg", "width": 8, "height": 6}
    plain = {"id": 5, "image_id": 3, "category_id": 1, "segmentation": segmentation, "iscrowd": 0}
    categories = [{"id": 1, "name": "cup"}]
    return {"annotations": [plain | annotation], "images": [image], "categories": categories}


def sa_v(**changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "video_id": "sav_1",
        "video_frame_count": 6.0,
        "video_height": 6.0,
        "video_width": 8.0,
        "masklet": [[rle(CORNER)], [None]],
        "masklet_id": [0],
        "masklet_num": 1,
    }
    return plain | changes


ROW_MAJOR = rle(np.ascontiguousarray(CORNER.ravel(order="C").reshape(8, 6).T))

BROKEN_JSON: dict[str, tuple[Any, str]] = {
    "other size": (
        vis(segmentations=[rle(CORNER[:, :7]), None]),
        "a.json, annotation 7, segmentations[0]: The mask's size is [6, 7], the frame's [6, 8].",
    ),
    "size turned": (
        vis(segmentations=[{"size": [8, 6], "counts": "0"}, None]),
        "Its size may be [width, height]; it should be [height, width].",
    ),
    "one column short": (
        vis(segmentations=[rle(CORNER[:, :7]) | {"size": [6, 8]}, None]),
        "The runs of the mask do not fill the frame exactly.",
    ),
    "one column short, uncompressed": (
        vis(segmentations=[rle(CORNER[:, :7], compressed=False) | {"size": [6, 8]}, None]),
        "The mask's runs sum to 42, and the frame has 48 pixels.",
    ),
    "along rows": (
        vis(segmentations=[ROW_MAJOR, None]),
        "a.json, annotation 7, segmentations[0]: the mask's run lengths go along rows; COCO's go down columns.",
    ),
    "masks missing": (
        vis(segmentations=[rle(CORNER)]),
        "a.json, annotation 7 has 1 masks, and its video has 2 frames.",
    ),
    "video missing": (vis(video_id=2), "a.json, annotation 7: there is no video 2."),
    "image missing": (coco(rle(CORNER), image_id=4), "a.json, annotation 5: there is no image 4."),
    "no mask": (coco(None), "a.json, annotation 5: There is no mask"),
    "box alone": (coco([], bbox=[0, 0, 5, 2]), "a.json, annotation 5: The mask has no polygon."),
    "half a point": (coco([[0, 0, 4, 0, 4, 2, 1]]), "a.json, annotation 5: A polygon needs at least three points"),
    "no number": (coco([[0, 0, 4, "x", 4, 2]]), "a.json, annotation 5: A polygon needs at least three points"),
    "outside": (
        coco([[0, 0, 4000, 0, 4, 2]]),
        "a.json, annotation 5: A polygon lies outside the frame, which is 8 x 6.",
    ),
    "two masks on a frame": (
        coco(rle(CORNER), track_id=1)
        | {"annotations": [coco(rle(CORNER), track_id=1)["annotations"][0] | {"id": each} for each in (5, 6)]},
        "a.json, annotation 6: the object has a second mask on this frame.",
    ),
    "ragged": (sa_v(masklet=[[rle(CORNER)], []]), "a.json: masklet[1] has 0 masks, and there are 1 objects."),
    "too many rows": (sa_v(masklet=[[None]] * 7), "a.json has masks on 7 frames of 6, which no even spacing gives."),
    "no frame count": (
        sa_v(video_frame_count="many"),
        "a.json: video_frame_count must be a whole number above 0, not 'many'.",
    ),
    "not a number": (b'{"masklet_id": [NaN]}', "a.json, line 1: NaN is no number of JSON."),
    "a comma": (b'{\n"videos": [\n1\n2]}', "a.json, line 4: A comma is missing."),
    "cut off": (b'{"videos": [', "a.json, line 1: Expecting value."),
    "a list": (b"[1, 2]", "a.json, line 1: The document must be one JSON object."),
    "too deep": (b'{"videos": ' + b"[" * 100_000, "a.json, line 1: It is nested too deeply."),
    "not text": (b'{"videos": ["\xff"]}', "a.json, line 1: It is not UTF-8 text."),
    "something else": ({"hello": "world"}, "It is laid out as none of these: "),
}


@pytest.mark.parametrize("name", sorted(BROKEN_JSON))
def test_a_broken_document_is_refused_with_the_place(name: str, tmp_path: Path) -> None:
    content, words = BROKEN_JSON[name]
    assert words in refused(tmp_path, content)


def test_a_mask_along_rows_is_only_refused_where_its_box_tells(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(vis(bboxes=[[0, 0, 5, 2], None])))
    _survey, read = read_dataset(path, name="a.json")
    assert read["1"]["7"].counts.keys() == {0, 1}


def test_an_entry_that_fits_no_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.imports.content.documents._MAX_ENTRY_CHARACTERS", 1000)
    assert "a.json, line 1: An entry is longer than" in refused(tmp_path, {"videos": ["0" * 600_000]})
