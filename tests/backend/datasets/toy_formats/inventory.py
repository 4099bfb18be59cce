"""Writes one file about the whole dataset: which objects each video has."""

import json
from collections.abc import Iterable
from pathlib import Path

from backend.datasets.descriptions import DatasetOntology
from backend.datasets.formats.format import ExportedFile, ExportedVideo, FrameFiles, WrittenObject, WrittenVideo


class InventoryWriter:
    """Remembers the names of each video's masklets."""

    def __init__(self) -> None:
        self._videos: dict[str, list[str]] = {}

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        self._videos[str(video.id)] = [masklet.name for masklet in video.masklets]
        return WrittenVideo(video.code, [], {masklet.id: WrittenObject(masklet.number) for masklet in video.masklets})

    def finish(self) -> Iterable[ExportedFile]:
        yield ExportedFile("inventory.json", json.dumps(self._videos).encode())


class Inventory:
    """Implements ExportFormat."""

    name = "inventory"
    title = "Inventory"
    version = 1
    loses = "It has no masks."
    object_ids = "The object's number."
    every_frame = False
    frames = (FrameFiles.none,)
    holds_overlaps = True
    every_picture = False

    def writer(self, _folder: Path, _ontology: DatasetOntology) -> InventoryWriter:
        return InventoryWriter()
