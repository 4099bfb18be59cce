"""YouTube-VIS, and OVIS: `{train,valid,test}.json`, and `{train,valid,test}/JPEGImages/{video}/00000.jpg`.

An annotation is one object. Its `segmentations`, `bboxes` and `areas` have one entry for every annotated frame, null
where the object is absent. A category's id is the class's place in the project's ontology, from 1.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backend.datasets.descriptions import DatasetOntology
from backend.datasets.formats.format import (
    PICTURES,
    ExportedFile,
    ExportedMasklet,
    ExportedVideo,
    WrittenObject,
    WrittenVideo,
)
from backend.datasets.formats.parts.categories import categories_of, category_id
from backend.datasets.formats.parts.lasting_ids import IDS_RULE, lasting_id
from backend.datasets.formats.parts.run_lengths import box_of, rle_of
from backend.datasets.spool import SpooledDocuments

_FOLDERS = {"val": "valid"}


class YoutubeVis:
    """Implements ExportFormat."""

    name = "youtube_vis"
    title = "YouTube-VIS (JSON)"
    version = 2
    loses = (
        "Masks are whole, overlaps included, but untracked frames look absent; "
        "objects' own names and attributes are in the manifest alone."
    )
    object_ids = f"The annotation's id. {IDS_RULE}"
    every_frame = True
    frames = PICTURES
    holds_overlaps = True
    every_picture = False

    def writer(self, folder: Path, ontology: DatasetOntology) -> "YoutubeVisWriter":
        return YoutubeVisWriter(folder, ontology)


class YoutubeVisWriter:
    """Writes pictures as they come, and a document for every subset at the end."""

    def __init__(self, folder: Path, ontology: DatasetOntology) -> None:
        self._ontology = ontology
        self._documents = SpooledDocuments(folder, "videos", "annotations")

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        objects = {masklet.id: WrittenObject(lasting_id(masklet.id)) for masklet in video.masklets}
        return WrittenVideo(lasting_id(video.id), self._files(video), objects)

    def finish(self) -> Iterator[ExportedFile]:
        head = {"info": {"description": "Exported from Maskloom"}, "categories": categories_of(self._ontology)}
        for subset, path in self._documents.written(head):
            yield ExportedFile(f"{subset}.json", path)

    def _files(self, video: ExportedVideo) -> Iterator[ExportedFile]:
        subset = _FOLDERS.get(video.subset, video.subset)
        videos, annotations = self._documents.of(subset).values()
        names = [video.picture(frame) for frame in video.frames]
        yield from video.frame_files(f"{subset}/JPEGImages")
        videos.add(
            {
                "id": lasting_id(video.id),
                "width": video.width,
                "height": video.height,
                "length": len(names),
                "file_names": names,
            }
        )
        for masklet in video.masklets:
            category = category_id(self._ontology.class_of(masklet.object_class))
            annotations.add(_annotation(video, masklet, category))


def _annotation(video: ExportedVideo, masklet: ExportedMasklet, category: int) -> dict[str, Any]:
    masks = [masklet.masks.get(frame) for frame in video.frames]
    visible = [None if mask is None or mask.area == 0 else mask for mask in masks]
    return {
        "id": lasting_id(masklet.id),
        "video_id": lasting_id(video.id),
        "category_id": category,
        "iscrowd": 0,
        "width": video.width,
        "height": video.height,
        "length": len(visible),
        "segmentations": [None if mask is None else rle_of(mask, video) for mask in visible],
        "bboxes": [None if mask is None else box_of(mask, video) for mask in visible],
        "areas": [None if mask is None else mask.area for mask in visible],
    }
