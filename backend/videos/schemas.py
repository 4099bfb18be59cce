"""Bodies of requests and responses about videos. Sizes are in pixels of the video of record."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.db.text import STORABLE
from backend.jobs.schemas import JobRead
from backend.ontology.schemas import AttributeValues, ReadValues
from backend.problems import Problem
from backend.tables.states import VideoState

VideoName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255), STORABLE]
Label = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64), STORABLE]


class FrameRate(BaseModel):
    """Exactly num / den frames per second."""

    num: int
    den: int


class Filmstrip(BaseModel):
    """One picture of small tiles, row by row. Tile i shows frame `frame_indices[i]`. Sizes are in pixels."""

    url: str
    tile_width: int
    tile_height: int
    columns: int
    frame_indices: list[int]


class SameFile(BaseModel):
    """An earlier video of the project that was made from the very same file."""

    id: UUID
    name: str


class VideoRead(BaseModel):
    """An upload and, once ready, its video of record. Width and height are the proxy's, in pixels."""

    id: UUID
    project_id: UUID
    name: str
    state: VideoState
    problem: Problem | None
    can_retry: bool = Field(description="Whether it failed, but its file was kept for another try.")
    warnings: list[str]
    same_file_as: SameFile | None
    width: int | None
    height: int | None
    num_frames: int | None
    fps: FrameRate | None
    duration_seconds: float | None
    stride: int
    rejected_reason: str | None = Field(description="Why the video is not annotated or exported, if so.")
    environment: str | None
    attributes: ReadValues = Field(description="Of the video, from frame 0 on, and of its frames.")
    split: str | None = Field(description="The split that a person set.")
    split_source: str | None = Field(description="Author, location or recording; its videos stay together.")
    effective_split: str = Field(description="The split that was set, or else the one that follows from the source.")
    num_masklets: int
    num_verified: int = Field(description="Satisfactory ones.")
    num_annotating: int = Field(description="Masklets that nobody has submitted yet.")
    num_to_verify: int = Field(description="Masklets that wait for a verdict.")
    num_to_refine: int = Field(description="Masklets that were sent back.")
    poster_url: str | None
    filmstrip: Filmstrip | None
    proxy_url: str | None
    job: JobRead | None
    created_at: datetime


class VideoLabels(BaseModel):
    """Labels of a video. Omitted ones stay as they are; an empty one is removed."""

    model_config = ConfigDict(extra="forbid")

    environment: Label | None = None
    attributes: AttributeValues = Field(default=[], description="Of the video and of its frames.")


class VideoUpdate(BaseModel):
    """Omitted fields stay as they are. An empty label is removed."""

    model_config = ConfigDict(extra="forbid")

    name: VideoName | None = None
    environment: Label | None = None
    split: Label | None = None
    split_source: Label | None = None


class FrameTable(BaseModel):
    """The source of every frame of the video of record, by frame index.

    `source_pts` is in units of `source_time_base` (num, den) seconds; null if the source had none. `key_frames` are the
    proxy's. `luma_crc` is the CRC-32 of the decoded luma plane of the proxy's frame.
    """

    num_frames: int
    fps: FrameRate
    source_time_base: list[int]
    source_pts: list[int | None]
    key_frames: list[int]
    luma_crc: list[int]
