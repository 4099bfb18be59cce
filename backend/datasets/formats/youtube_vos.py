"""YouTube-VOS: `{train,valid,test}` with `JPEGImages/{video}/00000.jpg`, palette PNG in `Annotations` and `meta.json`.

`meta.json` lists for every object its class as `category`, and the frames on which it can be seen, so an object may
appear late. A frame's name is its index in the video.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backend.datasets.descriptions import DatasetOntology
from backend.datasets.formats.format import PICTURES, ExportedFile, ExportedVideo, WrittenVideo
from backend.datasets.formats.parts.palette import IDS_RULE, LOSES, PalettePainter
from backend.datasets.spool import SpooledDocuments

_FOLDERS = {"val": "valid"}


class YoutubeVos:
    """Implements ExportFormat."""

    name = "youtube_vos"
    title = "YouTube-VOS (palette PNG, meta.json)"
    version = 2
    loses = f"{LOSES}; objects' own names and attributes are in the manifest alone."
    object_ids = IDS_RULE
    every_frame = True
    frames = PICTURES
    holds_overlaps = False
    every_picture = False

    def writer(self, folder: Path, ontology: DatasetOntology) -> "YoutubeVosWriter":
        return YoutubeVosWriter(folder, ontology)


class YoutubeVosWriter:
    """Writes each video as it comes, and a `meta.json` for every subset at the end."""

    def __init__(self, folder: Path, ontology: DatasetOntology) -> None:
        self._ontology = ontology
        self._documents = SpooledDocuments(folder, "videos")

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        painter = PalettePainter(video)
        return WrittenVideo(video.code, self._files(video, painter), painter.objects, painter.left_out)

    def finish(self) -> Iterator[ExportedFile]:
        for subset, path in self._documents.written({}):
            yield ExportedFile(f"{subset}/meta.json", path)

    def _files(self, video: ExportedVideo, painter: PalettePainter) -> Iterator[ExportedFile]:
        subset = _FOLDERS.get(video.subset, video.subset)
        yield from video.frame_files(f"{subset}/JPEGImages")
        yield from painter.files(f"{subset}/Annotations")
        objects: dict[str, dict[str, Any]] = {}
        for masklet in painter.masklets:
            object_id = painter.objects[masklet.id].id
            if frames := painter.frames[object_id]:
                category = self._ontology.class_of(masklet.object_class).name
                objects[str(object_id)] = {"category": category, "frames": [f"{frame:05d}" for frame in frames]}
        self._documents.of(subset)["videos"].add({"objects": objects}, key=video.code)
