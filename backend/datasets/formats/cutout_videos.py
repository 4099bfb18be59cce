"""Cut-outs as videos: `{video}/{object}_{first}-{last}.webm`, VP9 with alpha, which browsers and editors play.

A video goes from the first frame of the dataset on which the object is visible to the last; both are in its name.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from uuid import UUID

from backend.datasets.descriptions import DatasetOntology
from backend.datasets.formats.format import (
    ExportedFile,
    ExportedMasklet,
    ExportedVideo,
    FrameFiles,
    WrittenObject,
    WrittenVideo,
)
from backend.datasets.formats.parts.alpha_video import alpha_of, write_alpha_video
from backend.datasets.formats.parts.cut_pictures import cut_out, mask_on, visible_range


class CutoutVideos:
    """Implements ExportFormat."""

    name = "cutout_videos"
    title = "Cut-outs (WebM with alpha)"
    version = 1
    loses = (
        "Only objects are kept. Colours are compressed at half resolution, outlines barely: "
        "the manifest has each object's IoU, name, class and attributes. Frames that were never tracked are empty."
    )
    object_ids = "The object's number in its video, which no deletion changes. Its file is called by it."
    every_frame = True
    frames = (FrameFiles.png,)
    holds_overlaps = True
    every_picture = False

    def writer(self, folder: Path, _ontology: DatasetOntology) -> "CutoutVideoWriter":
        return CutoutVideoWriter(folder)


class CutoutVideoWriter:
    """Writes a video for each object."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "cutout.webm"

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        objects = {each.id: WrittenObject(each.number, _name(video, each)) for each in video.masklets}
        return WrittenVideo(video.code, self._files(video, objects), objects)

    def finish(self) -> Sequence[ExportedFile]:
        return ()

    def _files(self, video: ExportedVideo, objects: dict[UUID, WrittenObject]) -> Iterator[ExportedFile]:
        for masklet in video.masklets:
            written, frames = objects[masklet.id], visible_range(video, masklet)
            if written.file is None:
                continue
            rate = Fraction(video.fps_num, video.fps_den * video.stride)
            write_alpha_video(self._path, (cut_out(video, masklet, frame) for frame in frames), rate=rate)
            for frame, alpha in zip(frames, alpha_of(self._path), strict=True):
                mask = mask_on(video, masklet, frame)
                if mask.any():
                    written.ious.append(int((mask & alpha).sum()) / int((mask | alpha).sum()))
            yield ExportedFile(written.file, self._path)


def _name(video: ExportedVideo, masklet: ExportedMasklet) -> str | None:
    """Its file, if it has one: an object that is never visible has none."""
    frames = visible_range(video, masklet)
    if not frames:
        return None
    return f"{video.code}/{masklet.number:03d}_{frames[0]:05d}-{frames[-1]:05d}.webm"
