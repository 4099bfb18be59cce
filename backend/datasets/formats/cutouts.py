"""Cut-outs as pictures: `{video}/{object}/00000.png` with alpha, which compositing programs take as a sequence.

An object has a picture of every frame of the dataset from the first on which it is visible to the last. A frame's name
is its index in the video.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

from backend.datasets.descriptions import DatasetOntology
from backend.datasets.formats.format import ExportedFile, ExportedVideo, FrameFiles, WrittenObject, WrittenVideo
from backend.datasets.formats.parts.cut_pictures import cut_out, png, visible_range


class Cutouts:
    """Implements both ExportFormat and DatasetWriter, because every video is written on its own."""

    name = "cutouts"
    title = "Cut-outs (PNG with alpha)"
    version = 1
    loses = (
        "Only objects are kept, without what is around them; frames that were never tracked are empty, "
        "and names, classes and attributes are in the manifest alone."
    )
    object_ids = "The object's number in its video, which no deletion changes. Its folder is called by it."
    every_frame = True
    frames = (FrameFiles.png,)
    holds_overlaps = True
    every_picture = False

    def writer(self, _folder: Path, _ontology: DatasetOntology) -> "Cutouts":
        return self

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        objects = {each.id: WrittenObject(each.number, f"{video.code}/{each.number:03d}") for each in video.masklets}
        return WrittenVideo(video.code, _files(video, objects), objects)

    def finish(self) -> Sequence[ExportedFile]:
        return ()


def _files(video: ExportedVideo, objects: dict[UUID, WrittenObject]) -> Iterator[ExportedFile]:
    for masklet in video.masklets:
        for frame in visible_range(video, masklet):
            content = png(cut_out(video, masklet, frame))
            yield ExportedFile(f"{objects[masklet.id].file}/{frame:05d}.png", content)
