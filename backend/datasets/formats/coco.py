"""COCO with an image per annotated frame: `annotations/instances_{split}.json` and `images/{video}/00000.jpg`.

An annotation is one mask, as the run lengths of pycocotools. Beside COCO's own keys an image has `video_id` and
`frame_index`, an annotation `track_id`, `video_id` and `frame_index`: annotations of one object share their `track_id`.
A category's id is the class's place in the project's ontology, from 1.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backend.datasets.descriptions import DatasetOntology
from backend.datasets.formats.format import PICTURES, ExportedFile, ExportedVideo, WrittenObject, WrittenVideo
from backend.datasets.formats.parts.categories import categories_of, category_id
from backend.datasets.formats.parts.lasting_ids import IDS_RULE, lasting_id
from backend.datasets.formats.parts.run_lengths import box_of, rle_of
from backend.datasets.spool import SpooledDocuments


class Coco:
    """Implements ExportFormat."""

    name = "coco"
    title = "COCO per frame (run lengths, track_id)"
    version = 2
    loses = (
        "Masks are whole, overlaps included, but untracked frames look absent; "
        "objects' own names and attributes are in the manifest alone."
    )
    object_ids = f"track_id. {IDS_RULE}"
    every_frame = True
    frames = PICTURES
    holds_overlaps = True
    every_picture = False

    def writer(self, folder: Path, ontology: DatasetOntology) -> "CocoWriter":
        return CocoWriter(folder, ontology)


class CocoWriter:
    """Writes pictures as they come, and a document for every split at the end."""

    def __init__(self, folder: Path, ontology: DatasetOntology) -> None:
        self._ontology = ontology
        self._documents = SpooledDocuments(folder, "images", "annotations")

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        objects = {masklet.id: WrittenObject(lasting_id(masklet.id)) for masklet in video.masklets}
        return WrittenVideo(lasting_id(video.id), self._files(video), objects)

    def finish(self) -> Iterator[ExportedFile]:
        head = {"info": {"description": "Exported from Maskloom"}, "categories": categories_of(self._ontology)}
        for split, path in self._documents.written(head):
            yield ExportedFile(f"annotations/instances_{split}.json", path)

    def _files(self, video: ExportedVideo) -> Iterator[ExportedFile]:
        images, annotations = self._documents.of(video.subset).values()
        video_id = lasting_id(video.id)
        yield from video.frame_files("images")
        for frame in video.frames:
            image = {
                "id": images.length + 1,
                "file_name": video.picture(frame),
                "width": video.width,
                "height": video.height,
                "video_id": video_id,
                "frame_index": frame,
            }
            images.add(image)
            for annotation in self._annotations(video, frame):
                ids = {"id": annotations.length + 1, "image_id": image["id"], "video_id": video_id}
                annotations.add(ids | annotation)

    def _annotations(self, video: ExportedVideo, frame: int) -> Iterator[dict[str, Any]]:
        for masklet in video.masklets:
            mask = masklet.masks.get(frame)
            if mask is not None and mask.area > 0:
                yield {
                    "category_id": category_id(self._ontology.class_of(masklet.object_class)),
                    "segmentation": rle_of(mask, video),
                    "area": mask.area,
                    "bbox": box_of(mask, video),
                    "iscrowd": 0,
                    "track_id": lasting_id(masklet.id),
                    "frame_index": frame,
                }
