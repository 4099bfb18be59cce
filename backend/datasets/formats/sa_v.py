"""SA-V's training layout (SAM 2, section 5.2).

Each video has `{video_id}.mp4`, `{video_id}_manual.json` and, if there are automatic masklets, `{video_id}_auto.json`.
The names in them are SA-V's own. Lists of masks are frame-major: the outer list is over annotated frames, the inner one
over objects. An absent object is the run-length encoding of an empty mask; so is an unknown one, which the report
counts.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from pycocotools import mask as coco

from backend.datasets.descriptions import DatasetOntology
from backend.datasets.formats.format import (
    ExportedFile,
    ExportedMask,
    ExportedMasklet,
    ExportedVideo,
    FrameFiles,
    WrittenObject,
    WrittenVideo,
)
from backend.tables.states import Origin

_SMALL, _MEDIUM = 32**2, 96**2  # pixels; smaller areas are small and medium, respectively
_DECIMALS = 10


class SaV:
    """Implements both ExportFormat and DatasetWriter, because every video is written on its own."""

    name = "sa_v"
    title = "SA-V (SAM 2)"
    version = 1
    loses = (
        "Frames that were never tracked are written as absent, and no file but the manifest has the objects' names, "
        "classes and attributes."
    )
    object_ids = (
        "The object's place in masklet_id of its file, as SA-V has it: "
        "it shifts when an object before it is deleted or left out. The uuid and the number do not."
    )
    every_frame = False
    frames = (FrameFiles.video, FrameFiles.none)
    holds_overlaps = True
    every_picture = False

    def writer(self, _folder: Path, _ontology: DatasetOntology) -> "SaV":
        return self

    def finish(self) -> Sequence[ExportedFile]:
        return ()

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        video_id = video.code
        files = list(video.frame_files())
        objects: dict[UUID, WrittenObject] = {}
        for origin in Origin:
            masklets = [masklet for masklet in video.masklets if masklet.origin is origin]
            if masklets:
                name = f"{video_id}_{origin}.json"
                annotation = _annotation(video_id, replace(video, masklets=masklets), origin)
                text = json.dumps(annotation, ensure_ascii=False, allow_nan=False)
                files.append(ExportedFile(name, text.encode()))
                objects |= {masklet.id: WrittenObject(place, name) for place, masklet in enumerate(masklets)}
        return WrittenVideo(video_id, files, objects)


def _annotation(video_id: str, video: ExportedVideo, origin: Origin) -> dict[str, Any]:
    frames = video.frames
    empty = _empty_counts(video)
    rows = [[masklet.masks.get(frame) for masklet in video.masklets] for frame in frames]
    pixels = video.width * video.height
    areas = [
        [0 if row[column] is None else _area(row[column]) for row in rows] for column in range(len(video.masklets))
    ]
    sizes = [_mean_visible_area(of_one) for of_one in areas]
    return {
        "video_id": video_id,
        "video_duration": video.num_frames * video.fps_den / video.fps_num,
        "video_frame_count": float(video.num_frames),
        "video_height": float(video.height),
        "video_width": float(video.width),
        "video_resolution": float(pixels),
        "video_environment": video.environment or "Unknown",
        "video_split": video.split or "train",
        "masklet": [[_rle(video, mask, empty) for mask in row] for row in rows],
        "masklet_id": list(range(len(video.masklets))),
        "masklet_size_rel": [round(size / pixels, _DECIMALS) for size in sizes],
        "masklet_size_abs": [round(size, _DECIMALS) for size in sizes],
        "masklet_size_bucket": [size_bucket(size) for size in sizes],
        "masklet_visibility_changes": [visibility_changes(of_one) for of_one in areas],
        "masklet_first_appeared_frame": [_as_written(first_appearance(of_one), origin) for of_one in areas],
        "masklet_frame_count": [len(frames)] * len(video.masklets),
        "masklet_edited_frame_count": [_num_edited(masklet, frames) for masklet in video.masklets],
        "masklet_type": [str(masklet.origin) for masklet in video.masklets],
        "masklet_stability_score": _stability(rows) if origin is Origin.auto else [None] * len(video.masklets),
        "masklet_num": len(video.masklets),
    }


def _as_written(first: float | None, origin: Origin) -> float | int | None:
    """SA-V's automatic files have integers where its manual ones have floats."""
    return first if first is None or origin is Origin.manual else int(first)


def _stability(rows: list[list[ExportedMask | None]]) -> list[list[float]]:
    """Stability by frame and object, like the masks; 0 if a mask is unknown or not from a model."""
    return [[0.0 if mask is None else round(mask.stability or 0.0, _DECIMALS) for mask in row] for row in rows]


def size_bucket(area: float) -> str:
    """SA-V's word for a mean area, in pixels, over the visible frames."""
    return "small" if area < _SMALL else "medium" if area < _MEDIUM else "large"


def visibility_changes(areas: Sequence[int]) -> int:
    """The number of times the object vanishes or reappears after its first appearance."""
    visible = [area > 0 for area in areas]
    first = visible.index(True) if any(visible) else 0
    return sum(before != after for before, after in pairwise(visible[first:]))


def first_appearance(areas: Sequence[int]) -> float | None:
    """Index on the annotation grid of the first visible frame; a float, as in SA-V. None if there is none."""
    return next((float(index) for index, area in enumerate(areas) if area > 0), None)


def _mean_visible_area(areas: Sequence[int]) -> float:
    visible = [area for area in areas if area > 0]
    return sum(visible) / len(visible) if visible else 0.0


def _area(mask: ExportedMask | None) -> int:
    return 0 if mask is None else mask.area


def _num_edited(masklet: ExportedMasklet, frames: range) -> int:
    return sum(frame in frames for frame in masklet.touched_frames)


def _rle(video: ExportedVideo, mask: ExportedMask | None, empty: str) -> dict[str, Any]:
    return {"size": [video.height, video.width], "counts": empty if mask is None else mask.counts.decode("ascii")}


def _empty_counts(video: ExportedVideo) -> str:
    empty = coco.encode(np.zeros((video.height, video.width), np.uint8, order="F"))["counts"]
    return empty if isinstance(empty, str) else empty.decode("ascii")
