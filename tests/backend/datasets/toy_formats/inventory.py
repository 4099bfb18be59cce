"""Writes one file about the whole dataset: which objects each video has."""

import json
from collections.abc import Iterable

from backend.datasets.formats.format import ExportedFile, ExportedVideo, WrittenVideo


class InventoryWriter:
    """Remembers the names of each video's masklets."""

    def __init__(self) -> None:
        self._videos: dict[str, list[str]] = {}

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        self._videos[str(video.id)] = [masklet.name for masklet in video.masklets]
        return WrittenVideo([], {})

    def finish(self) -> Iterable[ExportedFile]:
        yield ExportedFile("inventory.json", json.dumps(self._videos).encode())


class Inventory:
    """Implements ExportFormat."""

    name = "inventory"
    title = "Inventory"

    def writer(self) -> InventoryWriter:
        return InventoryWriter()
