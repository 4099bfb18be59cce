"""The protocol of export formats, and the data they are given."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from backend.datasets.descriptions import DatasetOntology, ExportedValues
from backend.ontology.schemas import ObjectClass
from backend.tables.states import MaskSource, Origin

_SUBSETS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}


class FrameFiles(StrEnum):
    """How a dataset holds the frames of its videos."""

    jpeg = "jpeg"  # of quality 95
    png = "png"  # to the bit
    video = "video"  # the video of record, as it is
    none = "none"


class Overlaps(StrEnum):
    """Which object a pixel shows where several overlap, in formats whose pixels show one."""

    later_on_top = "later_on_top"  # the higher number
    earlier_on_top = "earlier_on_top"
    smaller_on_top = "smaller_on_top"  # the smaller area on the frame; of equal ones the later
    refuse = "refuse"  # none: the export ends with a problem


PICTURES = (FrameFiles.jpeg, FrameFiles.png, FrameFiles.video, FrameFiles.none)
"""Of layouts with a folder for pictures."""


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file of the dataset: its path in the dataset, and its content or the path of a file with it."""

    path: str
    content: bytes | Path


@dataclass(frozen=True, slots=True)
class ExportedMask:
    """A stored mask: COCO compressed counts of the whole frame."""

    counts: bytes
    area: int
    source: MaskSource
    stability: float | None = None  # from the model that made the mask


@dataclass(frozen=True, slots=True)
class ExportedMasklet:
    """One masklet with its current masks by frame index. Frames without an entry are unknown."""

    id: UUID
    number: int  # 1-based, and never another object's in this video, even after this one is deleted
    name: str
    origin: Origin
    masks: Mapping[int, ExportedMask]
    touched_frames: frozenset[int]  # frames on which a person prompted or drew
    object_class: ObjectClass | None = None
    values: Sequence[ExportedValues] = ()  # of its attributes


@dataclass(frozen=True, slots=True)
class ExportedVideo:
    """A video of record and its exported masklets, by number. Sizes are in pixels."""

    id: UUID
    name: str
    width: int
    height: int
    num_frames: int
    fps_num: int
    fps_den: int
    stride: int  # the dataset has every stride-th frame: the annotated ones, or all
    environment: str | None
    split: str | None
    proxy: Path
    masklets: Sequence[ExportedMasklet]
    frames_as: FrameFiles
    overlaps: Overlaps = Overlaps.later_on_top
    pictures: Mapping[int, Path] = field(default_factory=dict[int, Path])
    """Files with these frames, if they are held as JPEG or PNG."""
    values: Sequence[ExportedValues] = ()  # of the attributes of the video and of its frames

    @property
    def frames(self) -> range:
        """The frames in the dataset."""
        return range(0, self.num_frames, self.stride)

    @property
    def subset(self) -> str:
        """The split as a name for files."""
        return subset_of(self.split or "train")

    @property
    def code(self) -> str:
        """A name for files that other software reads: it holds for ever, and has no characters but plain ones."""
        return f"mkl_{self.id.hex[:12]}"

    def picture(self, frame: int) -> str:
        """The name of a frame's picture, below a folder that the layout has for pictures."""
        return f"{self.code}/{frame:05d}.{'png' if self.frames_as is FrameFiles.png else 'jpg'}"

    def frame_files(self, folder: str = "") -> Iterator[ExportedFile]:
        """Its frames, as they are held: pictures below the folder, or the whole video beside everything else."""
        for frame, path in self.pictures.items():
            yield ExportedFile(f"{folder}/{self.picture(frame)}", path)
        if self.frames_as is FrameFiles.video:
            yield ExportedFile(f"{self.code}.mp4", self.proxy)


@dataclass(slots=True)
class WrittenObject:
    """One masklet in the files: what they call it, in which file if not in all, and what they could not hold of it."""

    id: int
    file: str | None = None
    num_pixels_lost: int = 0
    num_masks_lost: int = 0  # of which no pixel is left
    ious: list[float] = field(default_factory=list[float])
    """Of what the files have of each mask with the mask itself, in formats that redraw masks."""


@dataclass(frozen=True, slots=True)
class WrittenVideo:
    """The files of one video, and what the manifest says about it. All is complete once the files have been read."""

    id: str | int  # what the files call the video
    files: Iterable[ExportedFile]
    objects: Mapping[UUID, WrittenObject]
    left_out: Mapping[UUID, str] = field(default_factory=dict[UUID, str])
    """Masklets that the format cannot hold, with the reason: a plural noun with underscores."""
    report: Mapping[str, Any] = field(default_factory=dict[str, Any])


def subset_of(split: str) -> str:
    """A split as a name for files: train, val, test, or for any other word of a person's a plain form of it."""
    word = split.strip().lower()
    plain = re.sub(r"[^a-z0-9]+", "-", word).strip("-")
    return _SUBSETS.get(word, f"split-{plain or hashlib.sha256(word.encode()).hexdigest()[:8]}")


class DatasetWriter(Protocol):
    """Writes one dataset. The same videos in the same order must always give the same bytes."""

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        """Called once per video, in the order of the dataset. There may be no files."""
        ...

    def finish(self) -> Iterable[ExportedFile]:
        """Called once, after the last video. Returns the files about the whole dataset."""
        ...


class ExportFormat(Protocol):
    """A layout in which datasets are written."""

    @property
    def name(self) -> str:
        """Its identifier in the API."""
        ...

    @property
    def title(self) -> str:
        """Its name for people."""
        ...

    @property
    def version(self) -> int:
        """It rises when the same content would give other files."""
        ...

    @property
    def loses(self) -> str:
        """What it cannot hold, in one sentence for people."""
        ...

    @property
    def object_ids(self) -> str:
        """What an object's id in the files follows from, and whether it holds when others are deleted: a sentence."""
        ...

    @property
    def every_frame(self) -> bool:
        """Whether it can hold every frame of a video, not only the annotated ones."""
        ...

    @property
    def frames(self) -> Sequence[FrameFiles]:
        """How it can hold the frames of a video, the usual way first."""
        ...

    @property
    def holds_overlaps(self) -> bool:
        """Whether a pixel can belong to several objects."""
        ...

    @property
    def every_picture(self) -> bool:
        """Whether it holds pictures of all frames, also if it has masks on annotated ones alone."""
        ...

    def writer(self, folder: Path, ontology: DatasetOntology, /) -> DatasetWriter:
        """A writer for one new dataset. The folder is for files that grow with the dataset; it is deleted later."""
        ...
