"""The protocol of export formats, and the data they are given."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from backend.tables.states import MaskSource, Origin


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
    name: str
    origin: Origin
    masks: Mapping[int, ExportedMask]
    touched_frames: frozenset[int]  # frames on which a person prompted or drew


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
    stride: int  # annotated frames are every stride-th frame
    environment: str | None
    split: str | None
    proxy: Path
    masklets: Sequence[ExportedMasklet]


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file of the dataset: its path in the dataset, and its content or the path of a file with it."""

    path: str
    content: bytes | Path


@dataclass(frozen=True, slots=True)
class WrittenVideo:
    """The files of one video, and what the manifest adds to the video's name and counts."""

    files: Iterable[ExportedFile]
    report: Mapping[str, Any]


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

    def writer(self) -> DatasetWriter:
        """A writer for one new dataset."""
        ...
