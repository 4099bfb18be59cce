"""What an export format is, and what it is given."""

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
    stability: float | None = None  # as the model that made it saw it


@dataclass(frozen=True, slots=True)
class ExportedMasklet:
    """One masklet with its current masks by frame index; a frame that is not in them is unknown."""

    id: UUID
    name: str
    origin: Origin
    masks: Mapping[int, ExportedMask]
    touched_frames: frozenset[int]  # where a person prompted or drew


@dataclass(frozen=True, slots=True)
class ExportedVideo:
    """A video of record and the masklets of it that are exported, by number. Sizes in pixels."""

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
    """A file of the dataset: its path there, and its content or where that lies."""

    path: str
    content: bytes | Path


@dataclass(frozen=True, slots=True)
class WrittenVideo:
    """The files of one video, and what the manifest says of it beside its name and counts."""

    files: Iterable[ExportedFile]
    report: Mapping[str, Any]


class DatasetWriter(Protocol):
    """Writes one dataset. The same videos in the same order always give the same bytes."""

    def write_video(self, video: ExportedVideo) -> WrittenVideo:
        """Called once for each video, in the order of the dataset; its files may be none."""
        ...

    def finish(self) -> Iterable[ExportedFile]:
        """Called once, after the last video: the files that are about all of them."""
        ...


class ExportFormat(Protocol):
    """A layout that datasets are written in."""

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
