"""What grows with a dataset grows on the disk: a document ten times as long takes no more memory to read."""

import json
import tracemalloc
from pathlib import Path

import numpy as np

from backend.imports.content.files import Meter
from backend.imports.survey import survey_dataset
from tests.backend.imports.reading import rle

FRAMES = 10
BYTES_AN_OBJECT = 1500  # that its key and its place in lists take


def peak_bytes(num_objects: int, folder: Path) -> int:
    """Of reading a YouTube-VIS document of so many objects, each of which takes about 20 kB in it."""
    folder.mkdir()
    mask = rle(np.eye(300, dtype=bool))
    names = [f"clip/{frame:05d}.jpg" for frame in range(FRAMES)]
    video = {"id": 1, "file_names": names, "width": 300, "height": 300}
    annotations = [{"id": at, "video_id": 1, "segmentations": [mask] * FRAMES} for at in range(num_objects)]
    path = folder / "a.json"
    path.write_text(json.dumps({"videos": [video], "annotations": annotations}))
    del annotations
    tracemalloc.start()
    survey = survey_dataset(path, name="a.json", content=folder / "content.sqlite", meter=Meter())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert survey.videos[0].num_masks == num_objects * FRAMES
    return peak


def test_more_objects_take_no_more_memory(tmp_path: Path) -> None:
    few, many = 100, 300  # the few are longer than what is kept of the text
    growth = peak_bytes(many, tmp_path / "many") - peak_bytes(few, tmp_path / "few")
    assert growth < (many - few) * BYTES_AN_OBJECT
