"""What grows with a dataset grows on the disk: memory holds one video, and no table of files."""

import tracemalloc
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from backend.datasets.formats.format import ExportedVideo
from tests.backend.datasets.test_lossless_layouts import masklet, video, write_dataset

OBJECTS, FRAMES = 20, 10
BYTES_A_FILE = 1500  # that the zip's table and its names take


def clip(key: int) -> ExportedVideo:
    masks = dict.fromkeys(range(2 * FRAMES), np.eye(200, dtype=bool))
    first = masklet(1, masks)
    masklets = [replace(first, id=UUID(int=key << 64 | number), number=number) for number in range(1, OBJECTS + 1)]
    return video(masklets, (200, 200), 2 * FRAMES, id=UUID(int=key << 80))


def peak_bytes(name: str, num_videos: int, folder: Path) -> int:
    folder.mkdir()
    tracemalloc.start()
    write_dataset(name, (clip(key + 1) for key in range(num_videos)), folder)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize("name", ["coco", "youtube_vis"])
def test_more_videos_take_no_more_memory(name: str, tmp_path: Path) -> None:
    few, many = 8, 24  # the lists of the few are longer than what is copied at once
    growth = peak_bytes(name, many, tmp_path / "many") - peak_bytes(name, few, tmp_path / "few")
    assert growth < (many - few) * 2 * FRAMES * BYTES_A_FILE
