"""SA-V's validation and test layout: `sav_val/JPEGImages_24fps/{video}/00000.jpg`, and masks of every fourth frame.

These lie in `sav_val/Annotations_6fps/{video}/{object}/00000.png`, one folder an object, which SA-V counts from 000:
its loader adds 1. The folders are called 24fps and 6fps in the layout; frames keep their rate here. `sav_val.txt` lists
the videos. A missing picture counts as an empty one, so it is written for absent objects and left out for unknown ones.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from backend.datasets.descriptions import DatasetOntology
from backend.datasets.formats.format import PICTURES, ExportedFile, ExportedVideo, WrittenObject, WrittenVideo
from backend.datasets.formats.parts.binary_pictures import binary_pictures


class SaVVal:
    """Implements ExportFormat."""

    name = "sa_v_val"
    title = "SA-V val and test (PNG per object)"
    version = 1
    loses = (
        "Masks are whole, overlaps included, but untracked frames look absent, and only the manifest has names, "
        "classes and attributes."
    )
    object_ids = "The name of the object's folder: its number in its video minus 1, which no deletion changes."
    every_frame = False
    frames = PICTURES
    holds_overlaps = True
    every_picture = True

    def writer(self, _folder: Path, _ontology: DatasetOntology) -> "SaVValWriter":
        return SaVValWriter()


class SaVValWriter:
    """Writes each video as it comes, and the lists of videos at the end."""

    def __init__(self) -> None:
        self._videos: defaultdict[str, list[str]] = defaultdict(list)

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        self._videos[video.subset].append(video.code)
        root = f"sav_{video.subset}"
        objects = {masklet.id: WrittenObject(masklet.number - 1) for masklet in video.masklets}
        folders = {each: f"{root}/Annotations_6fps/{video.code}/{one.id:03d}" for each, one in objects.items()}
        files = chain(video.frame_files(f"{root}/JPEGImages_24fps"), binary_pictures(video, folders))
        return WrittenVideo(video.code, files, objects)

    def finish(self) -> Iterator[ExportedFile]:
        for subset, videos in sorted(self._videos.items()):
            listing = "".join(f"{video}\n" for video in videos)
            yield ExportedFile(f"sav_{subset}/sav_{subset}.txt", listing.encode())
