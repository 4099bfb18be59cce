"""SA-V's annotation files, number for number."""

import json
import os
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from pycocotools import mask as coco

from backend.datasets import manifest
from backend.datasets.formats.format import ExportedFile, ExportedMask, ExportedMasklet, ExportedVideo, FrameFiles
from backend.datasets.formats.sa_v import SaV, first_appearance, size_bucket, visibility_changes
from backend.tables.states import MaskSource, Origin
from tests.architecture.repository import ROOT
from tests.backend.datasets.test_lossless_layouts import counts_of

DATA = Path(os.environ.get("MASKLOOM_TEST_DATA", ROOT.parent / "shared" / "data"))
PUBLISHED = DATA / "clips" / "sav_000001_head" / "sav_000001_manual.json"


def masklet(masks: dict[int, np.ndarray], touched: set[int] = frozenset()) -> ExportedMasklet:  # type: ignore[assignment]
    stored = {
        frame: ExportedMask(counts_of(mask), int(mask.sum()), MaskSource.propagated) for frame, mask in masks.items()
    }
    return ExportedMasklet(UUID(int=1), 1, "Cup", Origin.manual, stored, frozenset(touched))


def video(masklets: list[ExportedMasklet], **more: object) -> ExportedVideo:
    plain = {
        "id": UUID("12345678-9abc-4def-8000-000000000000"),
        "name": "clip.mp4",
        "width": 8,
        "height": 6,
        "num_frames": 10,
        "fps_num": 24,
        "fps_den": 1,
        "stride": 4,
        "environment": None,
        "split": None,
        "proxy": Path("proxy.mp4"),
        "frames_as": FrameFiles.video,
        "masklets": masklets,
    }
    return ExportedVideo(**(plain | more))  # type: ignore[arg-type]


def annotation(exported: ExportedVideo) -> dict[str, object]:
    _video_file, json_file = SaV().write_video(exported).files
    assert isinstance(json_file, ExportedFile)
    assert isinstance(json_file.content, bytes)
    return dict(json.loads(json_file.content))


def blob(size: int) -> np.ndarray:
    mask = np.zeros((6, 8), bool)
    mask.flat[:size] = True
    return mask


def test_one_entry_for_every_annotated_frame_the_last_partial_stride_included() -> None:
    written = annotation(video([masklet({0: blob(5), 4: blob(6), 8: blob(7), 9: blob(48)})]))
    areas = [coco.area(row[0]) for row in written["masklet"]]  # type: ignore[union-attr,index]
    assert areas == [5, 6, 7]  # frame 9 is not on the grid of every fourth frame


def test_an_absent_and_an_unknown_object_are_empty_run_lengths_and_the_report_tells_them_apart() -> None:
    exported = video([masklet({0: blob(5), 4: blob(0)})])
    rows = annotation(exported)["masklet"]
    assert [coco.area(row[0]) for row in rows] == [5, 0, 0]  # type: ignore[union-attr,index]
    assert rows[1] == rows[2]  # type: ignore[index]
    report = manifest.counts_of(exported)
    assert (report["num_masks"], report["num_absent"], report["num_unknown"]) == (1, 1, 1)


def test_sizes_are_floats_and_the_order_of_the_keys_is_as_published() -> None:
    written = annotation(video([masklet({0: blob(5)})]))
    assert list(written)[:8] == [
        "video_id",
        "video_duration",
        "video_frame_count",
        "video_height",
        "video_width",
        "video_resolution",
        "video_environment",
        "video_split",
    ]
    for key, value in {
        "video_frame_count": 10.0,
        "video_height": 6.0,
        "video_width": 8.0,
        "video_resolution": 48.0,
    }.items():
        assert written[key] == value
        assert isinstance(written[key], float)
    assert written["video_id"] == "mkl_123456789abc"


@pytest.mark.parametrize(("area", "bucket"), [(1023.9, "small"), (1024, "medium"), (9215.9, "medium"), (9216, "large")])
def test_size_buckets_change_at_32_and_96_pixels_squared(area: float, bucket: str) -> None:
    assert size_bucket(area) == bucket


def test_visibility_changes_are_counted_after_the_first_appearance_only() -> None:
    assert visibility_changes([0, 0, 3, 3, 0, 5, 0]) == 3
    assert first_appearance([0, 0, 3, 3, 0]) == 2.0


def test_the_same_video_gives_the_same_bytes() -> None:
    exported = video([masklet({0: blob(5), 4: blob(6)}, {0}), masklet({4: blob(9)})])
    assert [file.content for file in SaV().write_video(exported).files] == [
        file.content for file in SaV().write_video(exported).files
    ]


@pytest.mark.skipif(not PUBLISHED.exists(), reason="Meta's example is not part of the repository")
def test_the_published_example_comes_out_as_it_was_published() -> None:
    published = json.loads(PUBLISHED.read_text())
    height, width = int(published["video_height"]), int(published["video_width"])
    masklets = []
    for column in range(published["masklet_num"]):
        rles = [row[column] for row in published["masklet"]]
        masks = {
            4 * index: ExportedMask(rle["counts"].encode(), int(coco.area(rle)), MaskSource.propagated)
            for index, rle in enumerate(rles)
        }
        edited = frozenset(4 * index for index in range(published["masklet_edited_frame_count"][column]))
        masklets.append(ExportedMasklet(UUID(int=column), column + 1, "", Origin.manual, masks, edited))
    written = annotation(
        video(masklets, width=width, height=height, num_frames=483, environment="Indoor", split="train")
    )
    assert list(written) == list(published)
    assert written | {"video_id": "sav_000001"} == published
