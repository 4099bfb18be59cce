"""What other software reads in an exported dataset is what was exported; what is lost is what the report says."""

import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pycocotools import mask as coco

from backend.datasets.archive import Archive
from backend.datasets.descriptions import DatasetOntology
from backend.datasets.formats.format import ExportedMask, ExportedMasklet, ExportedVideo, ExportFormat, FrameFiles
from backend.datasets.formats.registry import FORMATS
from backend.datasets.manifest import MANIFEST, Manifest, Provenance
from backend.ontology.schemas import AttributeScope, Ontology
from backend.tables.states import MaskSource, Origin
from tests.backend.datasets.dataset_readers import READERS
from tests.backend.datasets.ontologies import CAR, ONTOLOGY, classes, values

PALETTES = {"davis", "mose", "youtube_vos"}


def masklet(number: int, masks: dict[int, np.ndarray], name: str = "Cup") -> ExportedMasklet:
    stored = {
        frame: ExportedMask(counts_of(mask), int(mask.sum()), MaskSource.propagated) for frame, mask in masks.items()
    }
    return ExportedMasklet(UUID(int=number << 64 | 1), number, name, Origin.manual, stored, frozenset())


def counts_of(mask: np.ndarray) -> bytes:
    encoded: Any = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    return bytes(encoded["counts"])


def video(masklets: list[ExportedMasklet], size: tuple[int, int], num_frames: int = 3, **more: Any) -> ExportedVideo:
    """`size` is (height, width)."""
    plain = {
        "id": UUID("12345678-9abc-4def-8000-000000000000"),
        "name": "clip.mp4",
        "width": size[1],
        "height": size[0],
        "num_frames": num_frames,
        "fps_num": 24,
        "fps_den": 1,
        "stride": 2,
        "environment": None,
        "split": None,
        "proxy": Path("proxy.mp4"),
        "masklets": masklets,
        "frames_as": FrameFiles.none,
    }
    return ExportedVideo(**(plain | more))


def write_dataset(name: str, videos: Iterable[ExportedVideo], folder: Path, ontology: Ontology = ONTOLOGY) -> Path:
    """Write the zip as the job does."""
    (folder / "work").mkdir()
    form = FORMATS[name]
    writer, manifest = form.writer(folder / "work", DatasetOntology(ontology)), Manifest(folder / "work")
    with Archive(folder / "dataset.zip") as archive:
        for each in videos:
            written = writer.write_video(with_pictures(each, form, folder))
            for file in written.files:
                manifest.add_file(archive.add(file.path, file.content))
            manifest.add_video(each, written)
        for file in writer.finish():
            manifest.add_file(archive.add(file.path, file.content))
        archive.add(MANIFEST, manifest.written(form, Provenance(project={}, settings={}, ontology=ontology)))
    return folder / "dataset.zip"


@contextmanager
def dataset(
    name: str, videos: Iterable[ExportedVideo], ontology: Ontology = ONTOLOGY
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The folder of a dataset, unzipped, and its manifest."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with zipfile.ZipFile(write_dataset(name, videos, folder, ontology)) as archive:
            archive.extractall(folder / "read")
        yield folder / "read", json.loads((folder / "read" / MANIFEST).read_text(encoding="utf-8"))


def with_pictures(each: ExportedVideo, form: ExportFormat, folder: Path) -> ExportedVideo:
    """The video with gray pictures, if the format wants any."""
    frames_as = form.frames[0]
    if frames_as not in (FrameFiles.jpeg, FrameFiles.png):
        return replace(each, frames_as=frames_as)
    picture = folder / f"{each.code}.{'png' if frames_as is FrameFiles.png else 'jpg'}"
    Image.new("RGB", (each.width, each.height), (128, 128, 128)).save(picture)
    frames = range(each.num_frames) if form.every_picture else each.frames
    return replace(each, frames_as=frames_as, pictures=dict.fromkeys(frames, picture))


@st.composite
def videos(draw: st.DrawFn) -> list[ExportedVideo]:
    """Objects that overlap, are absent, come late or are unknown for a while, under any numbers, names and classes."""
    made = []
    for key in range(draw(st.integers(1, 2))):
        size = (draw(st.integers(1, 9)), draw(st.integers(1, 9)))
        num_frames = draw(st.integers(1, 6))
        numbers = draw(st.lists(st.integers(1, 255) | st.integers(256, 999), min_size=1, max_size=4, unique=True))
        masklets = []
        for number in sorted(numbers):
            seeds = draw(st.lists(st.none() | st.integers(0, 2**32), min_size=num_frames, max_size=num_frames))
            masks = {frame: blob(seed, size) for frame, seed in enumerate(seeds) if seed is not None}
            visible = draw(st.sampled_from(range(0, num_frames, 2)))
            masks[visible] = np.ones(size, bool)
            said = {"object_class": draw(classes), "values": draw(values(num_frames, AttributeScope.object))}
            masklets.append(replace(masklet(number, masks, draw(names)), id=UUID(int=number << 64 | key), **said))
        split = draw(st.sampled_from([None, "train", "Validation", "test", "../über", "manifest", "☕"]))
        told = {"split": split, "values": draw(values(num_frames, AttributeScope.frame, AttributeScope.video))}
        made.append(video(masklets, size, num_frames, id=UUID(int=key + 1 << 80), name=draw(names), **told))
    return made


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


def blob(seed: int, size: tuple[int, int]) -> np.ndarray:
    """Any pixels, or none."""
    return np.random.default_rng(seed).random(size) < (seed % 3) / 2


def truth(each: ExportedVideo) -> dict[UUID, dict[int, np.ndarray]]:
    """The masks with pixels on annotated frames, by object."""
    shape = [each.height, each.width]
    return {
        one.id: {
            frame: coco.decode({"size": shape, "counts": one.masks[frame].counts}).astype(bool)
            for frame in range(0, each.num_frames, each.stride)
            if frame in one.masks and one.masks[frame].area
        }
        for one in each.masklets
    }


@pytest.mark.parametrize("name", sorted(READERS))
@settings(max_examples=25, deadline=None)
@given(exported=videos())
def test_what_is_read_is_what_was_exported(name: str, exported: list[ExportedVideo]) -> None:
    with dataset(name, exported) as (folder, manifest):
        read = READERS[name](folder)
        for each, entry in zip(exported, manifest["videos"], strict=True):
            assert (entry["uuid"], entry["name"]) == (str(each.id), each.name)
            expected = truth(each)
            by_id = {found["id"]: found for found in entry["objects"]}
            assert len(by_id) == len(each.masklets)
            in_files = read[entry["id"]]
            assert set(in_files) <= set(by_id)
            above: np.ndarray | None
            for one in each.masklets:
                (found,) = [found for found in by_id.values() if found["uuid"] == str(one.id)]
                assert (found["number"], found["name"]) == (one.number, one.name)
                lost = {"num_pixels": 0, "num_masks": 0}
                for frame, mask in expected[one.id].items():
                    covering = [
                        other for other in each.masklets if other.number > one.number and frame in expected[other.id]
                    ]
                    above = np.zeros(mask.shape, bool)
                    for other in covering if name in PALETTES else []:
                        above |= expected[other.id][frame]
                    remaining = mask & ~above
                    lost["num_pixels"] += int((mask & above).sum())
                    lost["num_masks"] += not remaining.any()
                    got = in_files.get(found["id"], {}).get(frame)
                    assert np.array_equal(remaining, np.zeros(mask.shape, bool) if got is None else got)
                assert found.get("lost", {"num_pixels": 0, "num_masks": 0}) == lost
                assert set(in_files.get(found["id"], {})) <= set(expected[one.id])


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_equal_content_gives_equal_bytes(name: str, tmp_path: Path) -> None:
    (tmp_path / "proxy.mp4").write_bytes(b"video")
    exported = [video([masklet(7, {0: np.eye(5, dtype=bool)})], (5, 5), proxy=tmp_path / "proxy.mp4")]
    written = []
    for folder in (tmp_path / "one", tmp_path / "other"):
        folder.mkdir()
        written.append(write_dataset(name, exported, folder).read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize("name", sorted(READERS))
def test_deleting_an_object_leaves_the_others_ids_alone(name: str) -> None:
    pixels = np.eye(5, dtype=bool)
    objects = [masklet(number, {0: pixels}, f"Object {number}") for number in (1, 2, 7, 254)]

    def named(kept: list[ExportedMasklet]) -> dict[str, tuple[Any, ...]]:
        with dataset(name, [video(kept, (5, 5))]) as (_folder, manifest):
            entries = manifest["videos"][0]["objects"]
            return {each["uuid"]: (each["id"], each["number"], each["name"]) for each in entries}

    before, after = named(objects), named(objects[1:])
    assert after == {uuid: before[uuid] for uuid in after}
    assert len(after) == 3


def test_a_palette_holds_255_objects_and_the_manifest_names_the_others() -> None:
    pixels = np.ones((1, 1), bool)
    objects = [masklet(number, {0: pixels}) for number in range(2, 300)]
    with dataset("davis", [video(objects, (1, 1))]) as (_folder, manifest):
        held = manifest["videos"][0]["objects"]
        assert len({each["id"] for each in held}) == 255
        assert all(each["id"] == each["number"] for each in held if each["number"] <= 255)
        assert [(each["number"], each["id"]) for each in held if each["number"] > 255] == [(256, 1)]
        assert [each["number"] for each in manifest["left_out"]] == list(range(257, 300))
        assert {each["reason"] for each in manifest["left_out"]} == {"masklets_beyond_255_in_a_video"}
        assert manifest["report"]["num_masklets"] == 255


def test_davis_has_the_files_that_its_loaders_look_for() -> None:
    exported = [
        video([masklet(1, {0: np.ones((2, 3), bool)})], (2, 3), 5),
        video([masklet(2, {4: np.ones((2, 3), bool)})], (2, 3), 5, id=UUID(int=1 << 80), split="test"),
    ]
    with dataset("davis", exported) as (folder, _manifest):
        files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        assert (folder / "ImageSets/2017/train.txt").read_text() == "mkl_123456789abc\n"
    frames = [f"{video}/0000{frame}" for video in ("mkl_000000000001", "mkl_123456789abc") for frame in (0, 2, 4)]
    assert files == [
        *(f"Annotations/480p/{frame}.png" for frame in frames),
        "ImageSets/2017/test-dev.txt",
        "ImageSets/2017/train.txt",
        *(f"JPEGImages/480p/{frame}.jpg" for frame in frames),
        "manifest.json",
    ]


def test_youtube_vos_lists_a_late_object_from_where_it_is_seen() -> None:
    objects = [masklet(1, {0: np.ones((2, 3), bool)}), masklet(3, {2: np.eye(2, 3, dtype=bool)}, "Späte Tasse")]
    objects[1] = replace(objects[1], object_class=CAR)
    with dataset("youtube_vos", [video(objects, (2, 3), split="val")]) as (folder, _manifest):
        meta = json.loads((folder / "valid" / "meta.json").read_text())
    assert meta == {
        "videos": {
            "mkl_123456789abc": {
                "objects": {
                    "1": {"category": "object", "frames": ["00000"]},
                    "3": {"category": "Car", "frames": ["00002"]},
                }
            }
        }
    }


def test_coco_and_youtube_vis_have_their_own_keys_and_run_lengths() -> None:
    """All ones of 2 rows and 3 columns are "06" in COCO's run lengths: no background, then six down the columns."""
    corner = np.zeros((2, 3), bool)
    corner[1, 0] = True
    exported = [video([masklet(1, {0: np.ones((2, 3), bool), 2: corner, 4: np.zeros((2, 3), bool)})], (2, 3), 5)]
    whole = {"segmentation": {"size": [2, 3], "counts": "06"}, "area": 6, "bbox": [0, 0, 3, 2], "iscrowd": 0}
    with dataset("coco", exported, Ontology()) as (folder, manifest):
        written = json.loads((folder / "annotations/instances_train.json").read_text())
    (entry,) = manifest["videos"]
    track, video_id = entry["objects"][0]["id"], entry["id"]
    assert [image["file_name"] for image in written["images"]] == [f"mkl_123456789abc/0000{i}.jpg" for i in (0, 2, 4)]
    first, second = written["annotations"]
    ids = {"id": 1, "image_id": 1, "video_id": video_id, "category_id": 1, "track_id": track, "frame_index": 0}
    assert first == ids | whole
    assert (second["id"], second["image_id"], second["frame_index"], second["bbox"]) == (2, 2, 2, [0, 1, 1, 1])
    assert written["categories"] == [{"id": 1, "name": "object", "supercategory": "object"}]
    with dataset("youtube_vis", exported, Ontology()) as (folder, _manifest):
        written = json.loads((folder / "train.json").read_text())
    (annotation,) = written["annotations"]
    assert annotation == {
        "id": track,
        "video_id": video_id,
        "category_id": 1,
        "iscrowd": 0,
        "width": 3,
        "height": 2,
        "length": 3,
        "segmentations": [whole["segmentation"], second["segmentation"], None],
        "bboxes": [[0, 0, 3, 2], [0, 1, 1, 1], None],
        "areas": [6, 1, None],
    }


def test_a_binary_png_tells_absent_from_unknown() -> None:
    pixels = np.eye(2, 3, dtype=bool)
    with dataset("object_masks", [video([masklet(12, {0: pixels, 2: pixels & False})], (2, 3), 5)]) as (folder, _):
        masks = sorted(folder.glob("Annotations/mkl_123456789abc/012/*.png"))
        assert [path.name for path in masks] == ["00000.png", "00002.png"]
        pictures = [np.array(Image.open(path)) for path in masks]
    assert np.array_equal(pictures[0], pixels * np.uint8(255))
    assert not pictures[1].any()


@pytest.mark.parametrize(
    ("split", "listed"),
    [
        (None, "train"),
        ("Valid", "val"),
        ("test", "test-dev"),
        ("../Night shift", "split-night-shift"),
        ("☕", "split-cf1f91e6"),
    ],
)
def test_any_word_for_a_split_becomes_a_plain_name(split: str | None, listed: str) -> None:
    with dataset("davis", [video([masklet(1, {0: np.ones((1, 1), bool)})], (1, 1), split=split)]) as (folder, manifest):
        assert [path.stem for path in (folder / "ImageSets/2017").iterdir()] == [listed]
        assert manifest["videos"][0]["split"] == split
