"""DAVIS 2017: `JPEGImages/480p/{video}/00000.jpg`, palette PNG of that name in `Annotations/480p`, `ImageSets/2017`.

A frame's name is its index in the video. The folder is called 480p in the layout; frames keep their size here. Most
software for video object segmentation reads the same pictures.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from backend.datasets.descriptions import DatasetOntology
from backend.datasets.formats.format import PICTURES, ExportedFile, ExportedVideo, WrittenVideo
from backend.datasets.formats.parts.palette import IDS_RULE, LOSES, PalettePainter

_SETS = {"test": "test-dev"}


class Davis:
    """Implements ExportFormat."""

    name = "davis"
    title = "DAVIS 2017 (palette PNG)"
    version = 1
    loses = f"{LOSES}; names, classes and attributes are in the manifest alone."
    object_ids = IDS_RULE
    every_frame = True
    frames = PICTURES
    holds_overlaps = False
    every_picture = False

    def writer(self, _folder: Path, _ontology: DatasetOntology) -> "DavisWriter":
        return DavisWriter()


class DavisWriter:
    """Writes each video as it comes, and the lists of videos at the end."""

    def __init__(self) -> None:
        self._sets: defaultdict[str, list[str]] = defaultdict(list)

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        self._sets[_SETS.get(video.subset, video.subset)].append(video.code)
        painter = PalettePainter(video)
        files = chain(video.frame_files("JPEGImages/480p"), painter.files("Annotations/480p"))
        return WrittenVideo(video.code, files, painter.objects, painter.left_out)

    def finish(self) -> Iterator[ExportedFile]:
        for name, videos in sorted(self._sets.items()):
            yield ExportedFile(f"ImageSets/2017/{name}.txt", "".join(f"{video}\n" for video in videos).encode())
