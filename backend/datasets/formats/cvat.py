"""CVAT for video 1.1: `{video}.mp4` and `{video}.xml`, to be loaded into a task made of that video.

CVAT has masks on single frames only: it keeps the first of a track. So every mask is a track of its own, which its next
frame closes, as CVAT itself writes them, and an object's tracks have its number as their `group_id`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np

from backend.datasets.formats.format import (
    ExportedFile,
    ExportedMask,
    ExportedVideo,
    FrameFiles,
    WrittenObject,
    WrittenVideo,
)
from backend.datasets.formats.parts.run_lengths import box_of, pixels_of

_LABEL = "object"


class Cvat:
    """Implements both ExportFormat and DatasetWriter, because every video is written on its own."""

    name = "cvat"
    title = "CVAT for video 1.1 (XML)"
    version = 1
    loses = (
        "CVAT has masks on single frames: those of an object share its group, and absence is not written. "
        "Make the task with the frame step of the export, and with a label called object."
    )
    object_ids = "The object's number in its video, which no deletion changes. It is the group_id of its tracks."
    every_frame = True
    frames = (FrameFiles.video, FrameFiles.none)
    holds_overlaps = True
    every_picture = False

    def writer(self, _folder: Path) -> "Cvat":
        return self

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        objects = {masklet.id: WrittenObject(masklet.number) for masklet in video.masklets}
        document = ExportedFile(f"{video.code}.xml", "".join(_document(video)).encode())
        return WrittenVideo(video.code, [*video.frame_files(), document], objects)

    def finish(self) -> Sequence[ExportedFile]:
        return ()


def _document(video: ExportedVideo) -> Iterator[str]:
    step = f"step={video.stride}" if video.stride > 1 else ""
    yield (
        '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n<version>1.1</version>\n<meta><task>'
        f"<name>{video.code}</name><size>{len(video.frames)}</size><mode>interpolation</mode>"
        f"<start_frame>0</start_frame><stop_frame>{video.num_frames - 1}</stop_frame>"
        f"<frame_filter>{step}</frame_filter>"
        f"<labels><label><name>{_LABEL}</name><type>mask</type><attributes></attributes></label></labels>"
        f"<original_size><width>{video.width}</width><height>{video.height}</height></original_size>"
        f"<source>{video.code}.mp4</source></task></meta>\n"
    )
    track_id = 0
    for masklet in video.masklets:
        for frame in video.frames:
            mask = masklet.masks.get(frame)
            if mask is not None and mask.area > 0:
                yield f'<track id="{track_id}" label="{_LABEL}" source="manual" group_id="{masklet.number}">\n'
                yield from _track(mask, video, frame)
                yield "</track>\n"
                track_id += 1
    yield "</annotations>\n"


def _track(mask: ExportedMask, video: ExportedVideo, frame: int) -> Iterator[str]:
    left, top, width, height = box_of(mask, video)
    crop = pixels_of(mask, video)[top : top + height, left : left + width].ravel()
    edges = np.flatnonzero(np.diff(crop)) + 1
    runs = np.diff(np.concatenate(([0], edges, [crop.size]))).tolist()
    rle = ", ".join(str(run) for run in ([0, *runs] if crop[0] else runs))
    place = f'rle={quoteattr(rle)} left="{left}" top="{top}" width="{width}" height="{height}" z_order="0"'
    yield f'<mask frame="{frame}" keyframe="1" outside="0" occluded="0" {place}></mask>\n'
    if (closed := frame + video.stride) < video.num_frames:
        yield f'<mask frame="{closed}" keyframe="1" outside="1" occluded="0" {place}></mask>\n'
