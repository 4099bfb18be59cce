"""CVAT for video 1.1: its masks, tracks and groups as CVAT means them, and nothing else that XML can do."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.imports.problems import UnreadableDataset
from backend.imports.survey import Survey
from tests.backend.imports.reading import ReadObject, decoded, read_dataset, zipped

SIZE = (30, 40)  # (height, width)
EXAMPLE = "3, 5, 7, 7, 5, 9, 3, 11, 2, 11, 2, 12, 1, 12, 1, 26, 1, 12, 1, 12, 2, 11, 3, 9, 5, 7, 7, 8, 0"
"""Run lengths of a disk in a crop 13 wide and 15 high, as CVAT has them: they sum to 195."""
CROP = 'left="4" top="6" width="13" height="15"'


def task(tracks: str, *, frames: str = "<start_frame>0</start_frame><stop_frame>7</stop_frame>", meta: str = "") -> str:
    size = "<original_size><width>40</width><height>30</height></original_size>"
    told = f"<task><id>5</id><name>T</name><size>8</size>{frames}{size}<source>clip.mp4</source></task>"
    return f'<?xml version="1.0"?><annotations><version>1.1</version><meta>{meta or told}</meta>{tracks}</annotations>'


def mask(
    frame: int, *, outside: int = 0, rle: str | None = None, crop: str = 'left="0" top="0" width="4" height="2"'
) -> str:
    return f'<mask frame="{frame}" outside="{outside}" occluded="0" rle="{rle or "0, 8"}" {crop} z_order="0"></mask>'


def track(number: int, *shapes: str, label: str = "cup", more: str = "") -> str:
    return f'<track id="{number}" label="{label}" source="manual" {more}>{"".join(shapes)}</track>'


def read(text: str, folder: Path) -> tuple[Survey, dict[str, ReadObject]]:
    path = folder / "annotations.xml"
    path.write_text(text)
    survey, found = read_dataset(path, name="annotations.xml")
    (objects,) = found.values()
    return survey, objects


def areas(one: ReadObject) -> dict[int, int]:
    return {frame: int(decoded(counts, SIZE).sum()) for frame, counts in one.counts.items()}


def test_a_masks_run_lengths_go_along_the_rows_of_its_crop(tmp_path: Path) -> None:
    assert sum(map(int, EXAMPLE.split(","))) == 13 * 15 == 195
    survey, objects = read(
        task(track(0, mask(2, rle=EXAMPLE, crop=CROP), mask(3, outside=1, rle=EXAMPLE, crop=CROP))), tmp_path
    )
    (one,) = objects.values()
    pixels = decoded(one.counts[2], SIZE)
    values = np.repeat(np.arange(29) % 2 == 1, [int(run) for run in EXAMPLE.split(",")])
    assert np.array_equal(pixels[6:21, 4:17], values.reshape(15, 13))
    assert pixels.sum() == values.sum()
    assert (list(one.counts), one.found.label) == ([2], "cup"), "nothing is said of other frames"
    (video,) = survey.videos
    assert (survey.format, video.key, video.names, video.numbers()) == (
        "cvat",
        "clip",
        ["clip.mp4", "T"],
        list(range(8)),
    )


def test_single_masks_of_a_group_are_one_object_unless_two_are_on_a_frame(tmp_path: Path) -> None:
    group = 'group_id="3"'
    one = [track(at, mask(at), mask(at + 1, outside=1), more=group) for at in (1, 4)]
    _survey, objects = read(task("".join(one)), tmp_path)
    assert {key: areas(each) for key, each in objects.items()} == {
        "3": {0: 0, 1: 8, 2: 0, 3: 0, 4: 8, 5: 0, 6: 0, 7: 0}
    }
    for other in (track(9, mask(4), more=group), track(9, mask(6), label="lid", more=group)):
        _survey, objects = read(task("".join(one) + other), tmp_path)
        assert sorted(objects) == ["track 1", "track 4", "track 9"]


def test_in_a_track_of_several_masks_the_last_one_stands_until_it_is_closed(tmp_path: Path) -> None:
    shapes = [mask(1), mask(3, rle="4, 4"), mask(5, outside=1)]
    _survey, objects = read(task(track(0, *shapes)), tmp_path)
    assert areas(objects["track 0"]) == {0: 0, 1: 8, 2: 8, 3: 4, 4: 4, 5: 0, 6: 0, 7: 0}
    step = "<start_frame>1</start_frame><stop_frame>7</stop_frame><frame_filter>step=2</frame_filter>"
    _survey, objects = read(task(track(0, *shapes[:2]), frames=step), tmp_path)
    assert areas(objects["track 0"]) == {1: 8, 3: 4, 5: 4, 7: 4}


def test_polygons_are_filled_and_boxes_are_left_out_and_counted(tmp_path: Path) -> None:
    polygon = '<polygon frame="0" outside="0" points="0.00,0.00;5.00,0.00;5.00,2.00;0.00,2.00"/>'
    box = '<box frame="0" outside="0" xtl="1" ytl="1" xbr="4" ybr="4"/>'
    survey, objects = read(task(track(0, polygon) + track(1, box)), tmp_path)
    assert areas(objects["track 0"])[0] == 10
    assert (survey.videos[0].num_objects, survey.videos[0].num_never_visible) == (1, 1)


def test_a_project_has_a_video_for_each_task(tmp_path: Path) -> None:
    size = "<original_size><width>40</width><height>30</height></original_size>"
    frames = "<start_frame>0</start_frame><stop_frame>1</stop_frame>"
    tasks = "".join(f"<task><id>{at}</id>{frames}{size}<source>{at}.mp4</source></task>" for at in (7, 8))
    tracks = track(0, mask(0), more='task_id="8"') + track(1, mask(1), more='task_id="7"')
    text = task(tracks, meta=f"<project><tasks>{tasks}</tasks></project>")
    survey, found = read_dataset(zipped({"annotations.xml": text}, tmp_path / "dataset.zip"))
    assert survey.format == "cvat"
    assert {key: list(objects) for key, objects in found.items()} == {"7": ["track 1"], "8": ["track 0"]}


LABELS = """<labels>
<label><name>cup</name><color>#FF0000</color><attributes>
<attribute><name>colour</name><mutable>False</mutable><input_type>select</input_type><values>red
blue
__undefined__</values></attribute>
<attribute><name>fill</name><mutable>True</mutable><input_type>number</input_type><values>0
100
1</values></attribute>
<attribute><name>full</name><mutable>True</mutable><input_type>checkbox</input_type><values>false</values></attribute>
<attribute><name>note</name><mutable>False</mutable><input_type>text</input_type><values></values></attribute>
</attributes></label>
<label><name>lid</name><color>red</color><attributes>
<attribute><name>Colour</name><mutable>False</mutable><input_type>radio</input_type><values>green</values></attribute>
</attributes></label>
<label><name>object</name></label><label><name>never used</name></label>
</labels>"""


def labelled(tracks: str) -> str:
    size = "<original_size><width>40</width><height>30</height></original_size>"
    frames = "<start_frame>0</start_frame><stop_frame>7</stop_frame>"
    meta = f"<task><id>5</id><name>T</name>{frames}{LABELS}{size}<source>clip.mp4</source></task>"
    return task(tracks, meta=meta)


def saying(frame: int, **said: str) -> str:
    """A mask on a frame with attributes, as CVAT writes them: those that do not change as well."""
    told = "".join(f'<attribute name="{name}">{text}</attribute>' for name, text in said.items())
    return mask(frame).replace("</mask>", f"{told}</mask>")


def test_attributes_of_shapes_are_values_from_their_frame_on_or_of_the_whole_object(tmp_path: Path) -> None:
    shapes = [
        saying(1, colour="blue", fill="20", full="false", note="chipped"),
        saying(3, colour="blue", fill="0.5", full="true", note="chipped"),
        mask(5, outside=1).replace("</mask>", '<attribute name="fill">99</attribute></mask>'),
        saying(6, colour="blue", fill="", full="true", note="chipped"),
    ]
    other = track(1, saying(0, Colour="green", unheard="of"), label="lid")
    survey, objects = read(labelled(track(0, *shapes) + other), tmp_path)
    assert [(each.name, each.color) for each in survey.ontology.classes] == [("cup", "#FF0000"), ("lid", None)]
    attributes = survey.ontology.attributes
    assert [(each.name, each.kind, each.changes, [one.name for one in each.choices]) for each in attributes] == [
        ("colour", "choice", False, ["red", "blue", "green"]),
        ("fill", "number", True, []),
        ("full", "yes_no", True, []),
        ("note", "text", False, []),
        ("unheard", "text", True, []),
    ]
    assert objects["track 0"].values == {
        0: [(0, "blue")],
        1: [(1, 20.0), (3, 0.5), (6, None)],
        2: [(1, False), (3, True), (6, True)],
        3: [(0, "chipped")],
    }
    assert objects["track 1"].values == {0: [(0, "green")], 4: [(0, "of")]}
    assert survey.videos[0].values == {0: 2, 1: 1, 2: 1, 3: 1, 4: 1}


def test_single_masks_of_a_group_are_one_object_unless_they_differ_in_what_does_not_change(tmp_path: Path) -> None:
    group = 'group_id="3"'
    one = [track(at, saying(at, colour="red", fill=str(at)), mask(at + 1, outside=1), more=group) for at in (4, 1)]
    _survey, objects = read(labelled("".join(one)), tmp_path)
    assert {key: each.values for key, each in objects.items()} == {"3": {0: [(0, "red")], 1: [(1, 1.0), (4, 4.0)]}}
    _survey, objects = read(labelled("".join(one) + track(6, saying(6, colour="blue"), more=group)), tmp_path)
    assert sorted(objects) == ["track 1", "track 4", "track 6"]


BROKEN: dict[str, tuple[str, str]] = {
    "no such choice": (
        labelled(track(0, saying(2, colour="pink"))),
        "track '0', frame 2: attribute 'colour' is one of red, blue, green, not 'pink'.",
    ),
    "no number": (labelled(track(0, saying(2, fill="nan"))), "attribute 'fill' is a number, not nan."),
    "neither yes nor no": (labelled(track(0, saying(2, full="maybe"))), "attribute 'full' is true or false"),
    "two values": (
        labelled(track(0, saying(2, colour="red"), saying(3, colour="blue"))),
        """track '0', frame 3: attribute 'colour' has two values, "red" and "blue".""",
    ),
    "entities": (
        '<!DOCTYPE a [<!ENTITY b "c">]>' + task(track(0, mask(0)))[21:],
        "line 1: It declares a document type",
    ),
    "a bomb": (
        '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><annotations>&b;</annotations>',
        "It declares a document type or entities",
    ),
    "a file": ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><annotations/>', "It declares a document type"),
    "not XML": ("<annotations><meta></annotations>", "line 1: It is not XML (mismatched tag)."),
    "too deep": ("<annotations>" + "<a>" * 50, "It is nested too deeply."),
    "no task": ("<annotations><meta/></annotations>", "meta has neither task nor job"),
    "of images": ('<annotations><image id="0" name="a.jpg"/></annotations>', "is CVAT for images"),
    "one column short": (
        task(track(0, mask(2, rle="0, 6"))),
        "track '0', frame 2: the runs sum to 6, and the crop has 8 pixels.",
    ),
    "huge": (task(track(0, mask(2, rle=f"0, {2**64 + 8}"))), "the crop has 8 pixels."),
    "outside": (
        task(track(0, mask(2, crop='left="39" top="0" width="4" height="2"'))),
        "the mask's crop leaves the frame",
    ),
    "no run lengths": (task(track(0, '<mask frame="1" outside="0"/>')), "frame 1: a mask needs rle, left, top"),
    "no such frame": (task(track(0, mask(8))), "frame 8: the task has no such frame."),
    "no frame": (task(track(0, '<mask frame="x" outside="0"/>')), "frame must be a whole number, not 'x'."),
    "twice": (task(track(0, mask(1), mask(1))), "track '0', frame 1: the object has a second mask"),
    "no size": (
        task(
            track(0, mask(0), more='task_id="9"'),
            meta="<p><tasks><task><id>1</id></task><task><id>2</id></task></tasks></p>",
        ),
        "original_height must be a whole number",
    ),
    "polygon": (
        task(track(0, '<polygon frame="0" outside="0" points="a,b"/>')),
        "A polygon needs at least three points",
    ),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_broken_xml_is_refused_with_the_place(name: str, tmp_path: Path) -> None:
    text, words = BROKEN[name]
    with pytest.raises(UnreadableDataset) as problem:
        read(text, tmp_path)
    assert problem.value.detail.startswith("annotations.xml")
    assert words in problem.value.detail


def test_a_large_document_is_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.imports.content.files._PIECE_BYTES", 37)
    whole: Any = read(task(track(0, mask(2, rle=EXAMPLE, crop=CROP))), tmp_path)[1]
    assert list(whole["track 0"].counts) == [2]
    monkeypatch.setattr("backend.imports.content.xml_documents._MAX_TAG_BYTES", 50)
    with pytest.raises(UnreadableDataset, match="does not fit into memory"):
        read(task(track(0, mask(2, rle=EXAMPLE, crop=CROP))), tmp_path)
