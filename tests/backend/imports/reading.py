"""Read a dataset as an import does, without a database: what it holds by video, object and frame index."""

import io
import json
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco

from backend.imports.content.files import Meter
from backend.imports.content.harvest import FoundObject, FoundValues, Harvest, whole
from backend.imports.problems import UnreadableDataset
from backend.imports.survey import Survey, frame_indexes, survey_dataset


@dataclass
class ReadObject:
    """An object, with its masks' counts by frame index, and its values by attribute."""

    found: FoundObject
    counts: dict[int, bytes]
    values: FoundValues


def read_dataset(path: Path, *, name: str = "dataset.zip") -> tuple[Survey, dict[str, dict[str, ReadObject]]]:
    """The survey, and objects by video and key. Each video here is taken to have the frames that the dataset tells."""
    with tempfile.TemporaryDirectory() as folder:
        content = Path(folder) / "content.sqlite"
        survey = survey_dataset(path, name=name, content=content, meter=Meter())
        surveyed = {video.key: video for video in survey.videos}
        harvest = Harvest(content)
        found: dict[str, dict[str, ReadObject]] = {}
        for video_id, key, video in harvest.videos():
            numbers = surveyed[key].numbers()
            num_frames = video.num_frames or (numbers[-1] + 1 if video.indexes else len(numbers))
            indexes = frame_indexes(surveyed[key], num_frames)
            annotated = harvest.frames(video_id, annotated=True)
            found[key] = {}
            for object_id, object_key, one, _num_visible in list(harvest.objects(video_id)):
                size = (video.height or 0, video.width or 0)
                masks = whole(one, harvest.masks(object_id), annotated, size=size)
                counts = {indexes[each.number]: each.mask.counts for each in masks}
                found[key][object_key] = ReadObject(one, counts, harvest.values("object", object_id))
        harvest.close()
    return survey, found


def zipped(files: Mapping[str, bytes | str], path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def png(values: np.ndarray, mode: str = "P") -> bytes:
    """A picture of these values: P is a palette, L gray, RGB gray as colours."""
    picture = Image.fromarray(values.astype(np.uint8), "L")
    if mode == "P":
        picture = Image.frombytes("P", picture.size, picture.tobytes())
        picture.putpalette(bytes(range(256)) * 3)
    elif mode == "I;16":
        picture = Image.fromarray(values.astype(np.uint16))
    else:
        picture = picture.convert(mode)
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def rle(mask: np.ndarray, *, compressed: bool = True) -> dict[str, Any]:
    """bool (height, width) as run lengths of JSON."""
    height, width = mask.shape
    if compressed:
        encoded = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
        return {"size": [height, width], "counts": encoded["counts"].decode()}
    flat = mask.ravel(order="F").astype(np.int8)
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff([0, *edges, flat.size]).tolist()
    return {"size": [height, width], "counts": [0, *runs] if flat[0] else runs}


def decoded(counts: bytes, size: tuple[int, int]) -> np.ndarray:
    return coco.decode({"size": list(size), "counts": counts}).astype(bool)


CORNER = np.zeros((6, 8), bool)
CORNER[:2, :5] = True
IDS = CORNER.astype(int)
"""An object on a frame of 6 rows and 8 columns, as pixels and as ids."""


def refused(folder: Path, content: Any) -> str:
    """Why a file, or files by name, cannot be read."""
    if isinstance(content, dict) and all(isinstance(value, bytes | str) for value in content.values()):
        path, name = zipped(content, folder / "dataset.zip"), "dataset.zip"
    else:
        path, name = folder / "a.json", "a.json"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    with pytest.raises(UnreadableDataset) as problem:
        read_dataset(path, name=name)
    return problem.value.detail
