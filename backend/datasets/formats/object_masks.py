"""A binary PNG per object and frame: `JPEGImages/{video}/00000.jpg` and `Annotations/{video}/{object}/00000.png`.

A pixel is 255 inside the object and 0 outside; a frame's name is its index in the video. A frame on which the object is
absent has an empty picture, and one on which it was never tracked has none.
"""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from backend.datasets.descriptions import DatasetOntology
from backend.datasets.formats.format import PICTURES, ExportedFile, ExportedVideo, WrittenObject, WrittenVideo
from backend.datasets.formats.parts.binary_pictures import binary_pictures


class ObjectMasks:
    """Implements both ExportFormat and DatasetWriter, because every video is written on its own."""

    name = "object_masks"
    title = "Binary PNG per object"
    version = 1
    loses = "Masks are whole, overlaps included, but only the manifest has names, classes and attributes."
    object_ids = "The object's number in its video, which no deletion changes. Its folder is called by it."
    every_frame = True
    frames = PICTURES
    holds_overlaps = True
    every_picture = False

    def writer(self, _folder: Path, _ontology: DatasetOntology) -> "ObjectMasks":
        return self

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        objects = {masklet.id: WrittenObject(masklet.number) for masklet in video.masklets}
        folders = {masklet.id: f"Annotations/{video.code}/{masklet.number:03d}" for masklet in video.masklets}
        files = chain(video.frame_files("JPEGImages"), binary_pictures(video, folders))
        return WrittenVideo(video.code, files, objects)

    def finish(self) -> Sequence[ExportedFile]:
        return ()
