"""YOLO segmentation: `images/{train,val,test}/{video}_00000.jpg`, polygons of that name in `labels`, and `data.yaml`.

A line of a label file is one object: its class as in `data.yaml`, and x and y of each point, as shares of width and
height. Points are centres of pixels, which Ultralytics draws exactly as they were. Objects of a picture stand in order
of their numbers.
"""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from backend.datasets.descriptions import DatasetOntology
from backend.datasets.formats.format import (
    ExportedFile,
    ExportedMask,
    ExportedVideo,
    FrameFiles,
    WrittenObject,
    WrittenVideo,
)
from backend.datasets.formats.parts.polygons import polygon_of
from backend.datasets.formats.parts.run_lengths import pixels_of

_LEAST_POINTS = 3  # with fewer, Ultralytics takes a line for a box
_EXPECTED = ("train", "val")


class YoloSeg:
    """Implements ExportFormat."""

    name = "yolo_seg"
    title = "YOLO segmentation (polygons)"
    version = 2
    loses = (
        "An object is one polygon: holes and separate pieces are tied to it by bridges one pixel wide. "
        "The manifest alone has each object's IoU, name and attributes; untracked frames look absent."
    )
    object_ids = "The object's number in its video, by which the lines of a label file are ordered; no file has it."
    every_frame = True
    frames = (FrameFiles.jpeg, FrameFiles.png, FrameFiles.none)
    holds_overlaps = True
    every_picture = False

    def writer(self, _folder: Path, ontology: DatasetOntology) -> "YoloSegWriter":
        return YoloSegWriter(ontology)


class YoloSegWriter:
    """Writes each video as it comes, and `data.yaml` at the end."""

    def __init__(self, ontology: DatasetOntology) -> None:
        self._ontology = ontology
        self._subsets: set[str] = set()

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        self._subsets.add(video.subset)
        objects = {masklet.id: WrittenObject(masklet.number) for masklet in video.masklets}
        return WrittenVideo(video.code, self._files(video, objects), objects)

    def finish(self) -> Iterator[ExportedFile]:
        lines = ["path: ."]
        for subset in _EXPECTED:  # Ultralytics wants both
            note = "" if subset in self._subsets else "  # no video of this dataset is in it"
            lines.append(f"{subset}: images/{subset}{note}")
        lines += [f"{subset}: images/{subset}" for subset in sorted(self._subsets.difference(_EXPECTED))]
        # Ultralytics wants them counted from 0 without gaps, so a class that was not chosen has no number.
        lines += ["names:", *(f"  {each.index}: {_quoted(each.name)}" for each in self._ontology.classes), ""]
        yield ExportedFile("data.yaml", "\n".join(lines).encode())

    def _files(self, video: ExportedVideo, objects: dict[UUID, WrittenObject]) -> Iterator[ExportedFile]:
        for frame, path in video.pictures.items():
            yield ExportedFile(f"images/{video.subset}/{video.code}_{frame:05d}{path.suffix}", path)
        for frame in video.frames:
            lines = [
                f"{self._ontology.class_of(masklet.object_class).index} {_points(mask, video, objects[masklet.id])}\n"
                for masklet in video.masklets
                if (mask := masklet.masks.get(frame)) is not None and mask.area > 0
            ]
            yield ExportedFile(f"labels/{video.subset}/{video.code}_{frame:05d}.txt", "".join(lines).encode())


def _quoted(name: str) -> str:
    """A name that YAML takes for a text, whatever is in it."""
    plain = (each if each.isprintable() and each not in '"\\' else f"\\U{ord(each):08x}" for each in name)
    return f'"{"".join(plain)}"'


def _points(mask: ExportedMask, video: ExportedVideo, written: WrittenObject) -> str:
    polygon = polygon_of(pixels_of(mask, video))
    written.ious.append(mask.area / int(polygon.drawn.sum()))
    points = polygon.points.tolist()
    points += points[-1:] * (_LEAST_POINTS - len(points))
    numbers = (f"{(x + 0.5) / video.width:.6f} {(y + 0.5) / video.height:.6f}" for x, y in points)
    return " ".join(numbers)
