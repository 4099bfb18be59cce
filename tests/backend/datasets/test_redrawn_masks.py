"""Formats that redraw masks: what other software makes of the files has the IoU that the manifest tells."""

import math
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backend.datasets.formats.format import ExportedVideo
from backend.datasets.formats.parts import alpha_video
from backend.datasets.formats.parts.alpha_video import write_alpha_video
from backend.datasets.formats.parts.polygons import polygon_of
from backend.ontology.schemas import Ontology
from tests.backend.datasets.dataset_readers import read_yolo_seg
from tests.backend.datasets.test_lossless_layouts import dataset, masklet, truth, video, videos

Ious = dict[UUID, list[float]]


def check_report(exported: list[ExportedVideo], manifest: dict[str, Any], found: Ious) -> None:
    """The manifest's figures against those that were found."""
    told = {each["uuid"]: each.get("lost") for entry in manifest["videos"] for each in entry["objects"]}
    for each in (one for clip in exported for one in clip.masklets):
        mean, lowest = sum(found[each.id]) / len(found[each.id]), min(found[each.id])
        if lowest == 1:
            assert told[str(each.id)] is None
        else:
            down = [math.floor(iou * 1e6) / 1e6 for iou in (mean, lowest)]
            assert told[str(each.id)] == dict(zip(("mean_iou", "lowest_iou"), down, strict=True)) | NO_PIXELS
    lowest = min(iou for ious in found.values() for iou in ious)
    assert abs(manifest["report"]["lost"]["lowest_iou"] - lowest) <= 1e-6


NO_PIXELS = {"num_pixels": 0, "num_masks": 0}


def iou_of(one: np.ndarray, other: np.ndarray) -> float:
    return int((one & other).sum()) / int((one | other).sum())


@settings(max_examples=25, deadline=None)
@given(exported=videos())
def test_yolo_polygons_draw_the_masks_with_the_iou_that_is_told(exported: list[ExportedVideo]) -> None:
    found: Ious = {}
    with dataset("yolo_seg", exported) as (folder, manifest):
        for each in exported:
            drawn = read_yolo_seg(folder, (each.height, each.width))
            masks = truth(each)
            for frame in each.frames:
                visible = [one.id for one in each.masklets if frame in masks[one.id]]
                for key, polygon in zip(visible, drawn[f"{each.code}_{frame:05d}"], strict=True):
                    assert (polygon >= masks[key][frame]).all()
                    found.setdefault(key, []).append(iou_of(polygon, masks[key][frame]))
        check_report(exported, manifest, found)


@settings(max_examples=200, deadline=None)
@given(mask=arrays(bool, st.tuples(st.integers(1, 14), st.integers(1, 14))).filter(np.any))
def test_a_polygon_is_drawn_by_others_as_it_is_told_to_be(mask: np.ndarray) -> None:
    polygon = polygon_of(mask)
    drawn = np.zeros(mask.shape, np.uint8)
    cv2.fillPoly(drawn, [polygon.points.astype(np.int32)], (1,))
    assert np.array_equal(drawn.astype(bool), polygon.drawn)


def test_an_object_with_a_hole_in_one_piece_loses_nothing_and_a_bridge_costs_its_pixels() -> None:
    ring = np.zeros((9, 20), bool)
    ring[1:8, 1:8] = True
    ring[3:6, 3:6] = False
    assert np.array_equal(polygon_of(ring).drawn, ring)
    pieces = ring.copy()
    pieces[1:8, 12:15] = True
    drawn = polygon_of(pieces).drawn
    assert (drawn & ~pieces).sum() == 4  # columns 8 to 11
    assert (drawn >= pieces).all()


def test_yolo_names_the_subsets_that_its_loader_asks_for() -> None:
    mask = {0: np.ones((2, 3), bool)}
    exported = [video([masklet(1, mask)], (2, 3)), video([masklet(2, mask)], (2, 3), id=UUID(int=1), split="test")]
    with dataset("yolo_seg", exported, Ontology()) as (folder, _manifest):
        assert (folder / "data.yaml").read_text() == (
            "path: .\n"
            "train: images/train\n"
            "val: images/val  # no video of this dataset is in it\n"
            "test: images/test\n"
            "names:\n"
            '  0: "object"\n'
        )
        names = {path.stem for path in (folder / "images/train").iterdir()}
        assert names == {path.stem for path in (folder / "labels/train").iterdir()}
        assert (folder / "labels/train/mkl_123456789abc_00002.txt").read_text() == ""


def test_a_cut_out_video_has_the_frames_its_name_tells_and_the_iou_of_the_manifest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(alpha_video.OPTIONS, "crf", "60")  # at the usual quality even noise is kept to the pixel
    noise = np.random.default_rng(0)
    masks = {frame: noise.random((60, 81)) < 0.5 for frame in (2, 4, 8)}
    one = masklet(3, masks)
    exported = [video([one], (60, 81), 11)]
    with dataset("cutout_videos", exported) as (folder, manifest):
        (path,) = folder.rglob("*.webm")
        assert str(path.relative_to(folder)) == "mkl_123456789abc/003_00002-00008.webm"
        assert manifest["videos"][0]["objects"][0]["file"] == str(path.relative_to(folder))
        alphas = decoded_alphas(path)
        with av.open(str(path)) as container:
            assert container.streams.video[0].average_rate == Fraction(24, 2)
        assert len(alphas) == 4
        assert not alphas[2].any(), "frame 6 is unknown"
        found = [iou_of(alphas[at], masks[frame]) for at, frame in ((0, 2), (1, 4), (3, 8))]
        assert 0.5 < min(found) < 1
        check_report(exported, manifest, {one.id: found})


def decoded_alphas(path: Path) -> list[np.ndarray]:
    """Where frames are opaque, with a decoder that knows of alpha."""
    decoder = av.CodecContext.create("libvpx-vp9", "r")
    with av.open(str(path)) as container:
        frames = [frame for packet in container.demux(video=0) for frame in decoder.decode(packet)]
    planes: list[tuple[Any, Any]] = [(frame, frame.planes[3]) for frame in frames]
    return [
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:, : frame.width][: frame.height] >= 128
        for frame, plane in planes
    ]


def test_equal_cut_outs_give_equal_bytes(tmp_path: Path) -> None:
    frames = [np.full((48, 64, 4), value, np.uint8) for value in (0, 90, 255)]
    for name in ("one", "other"):
        write_alpha_video(tmp_path / name, frames, rate=Fraction(6))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
