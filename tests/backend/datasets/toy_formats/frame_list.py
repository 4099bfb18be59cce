"""Writes each video by itself: a list of the frames that have a mask."""

from collections.abc import Sequence
from pathlib import Path

from backend.datasets.descriptions import DatasetOntology
from backend.datasets.formats.format import ExportedFile, ExportedVideo, FrameFiles, WrittenObject, WrittenVideo


class FrameList:
    """Implements ExportFormat and its writer."""

    name = "frame_list"
    title = "Frame list"
    version = 1
    loses = "It has no masks."
    object_ids = "The object's number."
    every_frame = False
    frames = (FrameFiles.none,)
    holds_overlaps = True
    every_picture = False

    def writer(self, _folder: Path, _ontology: DatasetOntology) -> "FrameList":
        return self

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        frames = sorted({frame for masklet in video.masklets for frame in masklet.masks})
        text = "\n".join(map(str, frames))
        files = [ExportedFile(f"{video.id}.txt", text.encode())]
        objects = {masklet.id: WrittenObject(masklet.number) for masklet in video.masklets}
        return WrittenVideo(video.code, files, objects, report={"last_frame": frames[-1]})

    def finish(self) -> Sequence[ExportedFile]:
        return ()
