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


def objects_of(annotations: list[Path]) -> dict[int, dict[int, np.ndarray]]:
    """The objects of palette pictures, whose values are ids."""
    found: dict[int, dict[int, np.ndarray]] = defaultdict(dict)
    for path in annotations:
        with Image.open(path) as picture:
            assert picture.mode == "P"
            assert picture.getpalette()[:12] == [0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0]
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
            dataset = COCO(str(path))
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
    """As the loaders of SA-V's validation set: a folder an object, at most two values a picture."""
    found: Masks = defaultdict(lambda: defaultdict(dict))
    for path in sorted((root / "Annotations").glob("*/*/*.png")):
        with Image.open(path) as picture:
            values = np.array(picture)
        assert set(np.unique(values).tolist()) <= {0, 255}
        assert same_size(root / "JPEGImages" / path.parts[-3] / f"{path.stem}.jpg", path)
        if values.any():
            found[path.parts[-3]][int(path.parts[-2])][int(path.stem)] = values > 0
    return found


def box_around(mask: np.ndarray) -> list[int]:
    """[x, y, width, height]."""
    rows, columns = np.nonzero(mask)
    left, top = int(columns.min()), int(rows.min())
    return [left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1]


READERS: dict[str, Callable[[Path], Masks]] = {
    "davis": read_davis,
    "youtube_vos": read_youtube_vos,
    "youtube_vis": read_youtube_vis,
    "coco": read_coco,
    "object_masks": read_object_masks,
}
