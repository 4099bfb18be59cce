"""MOSE: `{train,valid,test}/JPEGImages/{video}/00000.jpg`, and palette PNG of that name in `Annotations`.

A frame's name is its index in the video. MOSE itself publishes only the first frame's masks of `valid` and keeps the
others to judge by; here all are there.
"""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from backend.datasets.descriptions import DatasetOntology
from backend.datasets.formats.format import PICTURES, ExportedFile, ExportedVideo, WrittenVideo
from backend.datasets.formats.parts.palette import IDS_RULE, LOSES, PalettePainter

_FOLDERS = {"val": "valid"}


class Mose:
    """Implements both ExportFormat and DatasetWriter, because every video is written on its own."""

    name = "mose"
    title = "MOSE (palette PNG)"
    version = 1
    loses = f"{LOSES}; names, classes and attributes are in the manifest alone."
    object_ids = IDS_RULE
    every_frame = True
    frames = PICTURES
    holds_overlaps = False
    every_picture = False

    def writer(self, _folder: Path, _ontology: DatasetOntology) -> "Mose":
        return self

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        root = _FOLDERS.get(video.subset, video.subset)
        painter = PalettePainter(video)
        files = chain(video.frame_files(f"{root}/JPEGImages"), painter.files(f"{root}/Annotations"))
        return WrittenVideo(video.code, files, painter.objects, painter.left_out)

    def finish(self) -> Sequence[ExportedFile]:
        return ()
