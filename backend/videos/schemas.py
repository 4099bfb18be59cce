"""Videos in the API. Sizes are pixels of the video of record."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.db.text import STORABLE
from backend.jobs.schemas import JobRead
from backend.problems import Problem
from backend.tables.states import VideoState

VideoName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255), STORABLE]
Label = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64), STORABLE]


class FrameRate(BaseModel):
    """num / den frames per second, exactly."""

    num: int
    den: int


class Filmstrip(BaseModel):
    """One picture of small tiles, row by row; `frame_indices[i]` is the frame tile i shows. Sizes in pixels."""

    url: str
    tile_width: int
    tile_height: int
    columns: int
    frame_indices: list[int]


class VideoRead(BaseModel):
    """One upload and, once ready, its video of record. Width and height are the proxy's, in pixels."""

    id: UUID
    project_id: UUID
    name: str
    state: VideoState
    problem: Problem | None
    warnings: list[str]
    width: int | None
    height: int | None
    num_frames: int | None
    fps: FrameRate | None
    duration_seconds: float | None
    stride: int
    rejected_reason: str | None = Field(description="Not to be annotated or exported, and why.")
    environment: str | None
    attributes: dict[str, str] = Field(description="By key, as the project declares them.")
    split: str | None = Field(description="Set by a person.")
    split_source: str | None = Field(description="Author, place or recording: videos of one stay on one side.")
    effective_split: str = Field(description="The one set, else the one that follows from the source.")
    num_masklets: int
    num_verified: int
    poster_url: str | None
    filmstrip: Filmstrip | None
    proxy_url: str | None
    job: JobRead | None
    created_at: datetime


class VideoLabels(BaseModel):
    """What is to be known of a video; only what is given changes, and an empty label is taken away."""

    model_config = ConfigDict(extra="forbid")

    environment: Label | None = None
    attributes: Annotated[dict[Label, Label], Field(max_length=20)] | None = None


class VideoUpdate(BaseModel):
    """Only what is given changes; an empty label is taken away, also in `attributes`."""

    model_config = ConfigDict(extra="forbid")

    name: VideoName | None = None
    environment: Label | None = None
    split: Label | None = None
    split_source: Label | None = None
    attributes: Annotated[dict[Label, Label], Field(max_length=20)] | None = None


class FrameTable(BaseModel):
    """What every frame of the video of record came from, by frame index.

    `source_pts` counts `source_time_base` seconds (num, den); null where the source had none. `key_frames`
    are the proxy's. `luma_crc` is the CRC-32 of the decoded luma plane of the proxy's frame.
    """

    num_frames: int
    fps: FrameRate
    source_time_base: list[int]
    source_pts: list[int | None]
    key_frames: list[int]
    luma_crc: list[int]
