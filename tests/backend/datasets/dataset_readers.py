"""Readers of datasets, written from the layouts' conventions and without the code that exports them.

Each returns masks, bool (height, width), by video, object and frame, as other software finds them in the files: what
has no pixel is not there.
"""

import contextlib
import io
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image
from pycocotools import mask as coco
from pycocotools.coco import COCO

Masks = dict[Any, dict[int, dict[int, np.ndarray]]]
"""By video, object and frame."""


def read_davis(root: Path) -> Masks:
    """As the loaders of DAVIS 2017: the set's videos, whose pictures and annotations pair up by order of name."""
    found: Masks = {}
    for listing in sorted((root / "ImageSets" / "2017").glob("*.txt")):
        for video in listing.read_text().splitlines():
            pictures = sorted((root / "JPEGImages" / "480p" / video).glob("*.jpg"))
            annotations = sorted((root / "Annotations" / "480p" / video).glob("*.png"))
            assert [path.stem for path in pictures] == [path.stem for path in annotations]
            found[video] = objects_of(annotations)
            assert all(same_size(picture, mask) for picture, mask in zip(pictures, annotations, strict=True))
    return found


def read_youtube_vos(root: Path) -> Masks:
    """As the loaders of YouTube-VOS: the videos and objects of `meta.json`, each on the frames that it names."""
    found: Masks = {}
    for meta in sorted(root.glob("*/meta.json")):
        for video, of_video in json.loads(meta.read_text())["videos"].items():
            annotations = sorted((meta.parent / "Annotations" / video).glob("*.png"))
            pictures = sorted((meta.parent / "JPEGImages" / video).glob("*.jpg"))
            assert [path.stem for path in pictures] == [path.stem for path in annotations]
            found[video] = objects_of(annotations)
            named = {int(key): [int(name) for name in value["frames"]] for key, value in of_video["objects"].items()}
            assert named == {key: sorted(masks) for key, masks in found[video].items()}
            assert all(value["category"] for value in of_video["objects"].values())
    return found


def read_mose(root: Path) -> Masks:
    """As the loaders of MOSE: a folder a video in each subset, and masks of the names of the pictures."""
    found: Masks = {}
    for folder in sorted(root.glob("*/Annotations/*")):
        annotations = sorted(folder.glob("*.png"))
        pictures = sorted((folder.parents[1] / "JPEGImages" / folder.name).glob("*.jpg"))
        assert [path.name for path in pictures] == [f"{path.stem}.jpg" for path in annotations]
        found[folder.name] = objects_of(annotations)
    return found


def read_sa_v_val(root: Path) -> Masks:
    """As SAM 2's loader of SA-V val: the videos of the list, with all pictures; a missing mask is an empty one."""
    found: Masks = {}
    for listing in sorted(root.glob("sav_*/sav_*.txt")):
        for video in listing.read_text().splitlines():
            pictures = sorted((listing.parent / "JPEGImages_24fps" / video).glob("*.jpg"))
            assert [int(path.stem) for path in pictures] == list(range(len(pictures)))
            found[video] = defaultdict(dict)
            for path in sorted((listing.parent / "Annotations_6fps" / video).glob("???/*.png")):
                values = binary_values(path)
                assert same_size(pictures[int(path.stem)], path)
                if values.any():
                    found[video][int(path.parent.name)][int(path.stem)] = values
    return found


def read_cutouts(root: Path) -> Masks:
    """The alpha of sequences without a gap, which is all or nothing."""
    found: Masks = defaultdict(lambda: defaultdict(dict))
    for folder in sorted(path for path in root.glob("*/*") if path.is_dir()):
        frames = [int(path.stem) for path in sorted(folder.glob("*.png"))]
        assert frames == list(range(frames[0], frames[-1] + 1, 2 if len(frames) < 2 else frames[1] - frames[0]))
        for path in folder.glob("*.png"):
            with Image.open(path) as picture:
                assert picture.mode == "RGBA"
                values = np.array(picture)
            assert not values[values[..., 3] != 255].any()
            if values[..., 3].any():
                found[folder.parent.name][int(folder.name)][int(path.stem)] = values[..., 3] > 0
    return found


def read_yolo_seg(root: Path, size: tuple[int, int]) -> dict[str, list[np.ndarray]]:
    """As Ultralytics: the polygons of each label file, drawn at (height, width), by the name of its picture."""
    height, width = size
    found: dict[str, list[np.ndarray]] = {}
    for path in sorted((root / "labels").glob("*/*.txt")):
        picture = root / "images" / path.parent.name / f"{path.stem}.jpg"
        assert picture.is_file()
        found[path.stem] = []
        for line in path.read_text().splitlines():
            _class, *numbers = line.split(" ")
            assert len(numbers) % 2 == 0
            assert len(numbers) >= 6, "fewer would be a box"
            points = np.array(numbers, float).reshape(-1, 2) * [width, height]
            drawn = np.zeros(size, np.uint8)
            cv2.fillPoly(drawn, [points.astype(np.int32)], (1,))
            found[path.stem].append(drawn.astype(bool))
    return found


def binary_values(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        values = np.array(picture)
    assert set(np.unique(values).tolist()) <= {0, 255}
    return values > 0


def objects_of(annotations: list[Path]) -> dict[int, dict[int, np.ndarray]]:
    """The objects of palette pictures, whose values are ids."""
    found: dict[int, dict[int, np.ndarray]] = defaultdict(dict)
    for path in annotations:
        with Image.open(path) as picture:
            assert picture.mode == "P"
            assert (picture.getpalette() or [])[:12] == [0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0]
            values = np.array(picture)
        for value in np.unique(values[values > 0]).tolist():
            found[value][int(path.stem)] = values == value
    return dict(found)


def same_size(picture: Path, mask: Path) -> bool:
    with Image.open(picture) as one, Image.open(mask) as other:
        return one.size == other.size


def read_coco(root: Path) -> Masks:
    """With pycocotools."""
    found: Masks = defaultdict(lambda: defaultdict(dict))
    for path in sorted((root / "annotations").glob("*.json")):
        with contextlib.redirect_stdout(io.StringIO()):
            dataset: Any = COCO(str(path))
        for image in dataset.loadImgs(dataset.getImgIds()):
            assert (root / "images" / image["file_name"]).is_file()
            assert int(Path(image["file_name"]).stem) == image["frame_index"]
        for annotation in dataset.loadAnns(dataset.getAnnIds()):
            (image,) = dataset.loadImgs(annotation["image_id"])
            mask = dataset.annToMask(annotation).astype(bool)
            assert mask.shape == (image["height"], image["width"])
            assert (annotation["area"], annotation["bbox"]) == (mask.sum(), box_around(mask))
            assert annotation["category_id"] in dataset.getCatIds()
            assert (annotation["video_id"], annotation["frame_index"]) == (image["video_id"], image["frame_index"])
            found[image["video_id"]][annotation["track_id"]][image["frame_index"]] = mask
    return found


def read_youtube_vis(root: Path) -> Masks:
    """As the loaders of YouTube-VIS: one entry a frame, or null; frames are the video's files in order."""
    found: Masks = defaultdict(dict)
    for path in sorted(root.glob("*.json")):
        if path.name == "manifest.json":
            continue
        dataset = json.loads(path.read_text())
        videos = {video["id"]: video for video in dataset["videos"]}
        for video in videos.values():
            assert video["length"] == len(video["file_names"])
            assert all((root / path.stem / "JPEGImages" / name).is_file() for name in video["file_names"])
        for annotation in dataset["annotations"]:
            video = videos[annotation["video_id"]]
            frames = [int(Path(name).stem) for name in video["file_names"]]
            masks = found[video["id"]].setdefault(annotation["id"], {})
            columns = [annotation[name] for name in ("segmentations", "bboxes", "areas")]
            for frame, rle, box, area in zip(frames, *columns, strict=True):
                assert (rle is None) == (box is None) == (area is None)
                if rle is not None:
                    masks[frame] = coco.decode(rle).astype(bool)
                    assert masks[frame].shape == (video["height"], video["width"])
                    assert (area, box) == (masks[frame].sum(), box_around(masks[frame]))
    return found


def read_object_masks(root: Path) -> Masks:
    """A folder an object, at most two values a picture."""
    found: Masks = defaultdict(lambda: defaultdict(dict))
    for path in sorted((root / "Annotations").glob("*/*/*.png")):
        values = binary_values(path)
        assert same_size(root / "JPEGImages" / path.parts[-3] / f"{path.stem}.jpg", path)
        if values.any():
            found[path.parts[-3]][int(path.parts[-2])][int(path.stem)] = values
    return found


def box_around(mask: np.ndarray) -> list[int]:
    """[x, y, width, height]."""
    rows, columns = np.nonzero(mask)
    left, top = int(columns.min()), int(rows.min())
    return [left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1]


READERS: dict[str, Callable[[Path], Masks]] = {
    "davis": read_davis,
    "mose": read_mose,
    "sa_v_val": read_sa_v_val,
    "cutouts": read_cutouts,
    "youtube_vos": read_youtube_vos,
    "youtube_vis": read_youtube_vis,
    "coco": read_coco,
    "object_masks": read_object_masks,
}
