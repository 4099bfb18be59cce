"""Bodies of requests and responses about exports."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backend.datasets.formats.format import FrameFiles, Overlaps
from backend.jobs.schemas import JobRead
from backend.ontology.schemas import MAX_CLASSES
from backend.problems import Problem
from backend.tables.states import JobState, Origin

_MOST_CHOSEN = 10_000
_Split = Annotated[str, Field(min_length=1, max_length=200)]


class ExportChoices(BaseModel):
    """What an export holds, and how. Rejected masklets never are in it."""

    only_satisfactory: bool = False
    every_frame: bool = Field(default=False, description="Every frame of the video, not only the annotated ones.")
    video_ids: list[UUID] | None = Field(
        default=None, min_length=1, max_length=_MOST_CHOSEN, description="Only these videos; null: all of the project."
    )
    splits: list[_Split] | None = Field(
        default=None, min_length=1, max_length=20, description="Only videos of these splits; null: of all."
    )
    origins: list[Origin] | None = Field(
        default=None,
        min_length=1,
        max_length=len(Origin),
        description="Only masklets that people began or worked on, or only what the model alone made; null: both.",
    )
    classes: list[UUID | None] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_CLASSES + 1,
        description="Only objects of these classes, by id, and with null those without one; null: of all and none.",
    )
    empty_objects: bool = Field(default=False, description="Also masklets that are visible on no frame of the dataset.")
    frames: FrameFiles | None = Field(default=None, description="Null: as is usual in the format.")
    overlaps: Overlaps | None = Field(
        default=None, description="For formats that hold one object a pixel. Null: the later one on top."
    )


class ExportCreate(ExportChoices):
    """Export the project as a dataset."""

    model_config = ConfigDict(extra="forbid")

    format: str = Field(max_length=40)


class ExportRead(ExportChoices):
    """An export, in progress or finished."""

    # Choices have defaults where they are asked for; an answer has them all.
    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    id: UUID
    project_id: UUID
    format: str
    state: JobState
    job: JobRead | None
    problem: Problem | None
    num_videos: int
    num_masklets: int
    size_bytes: int | None
    report: dict[str, Any] | None
    download_url: str | None
    expired: bool = Field(description="Its file was deleted for its age; the report stays.")
    expires_at: datetime | None = Field(description="When its file will be deleted for its age; null: never.")
    created_at: datetime


class ExportFormatRead(BaseModel):
    """A layout in which datasets can be written."""

    name: str
    title: str
    loses: str = Field(description="What it cannot hold, in one sentence.")
    every_frame: bool = Field(description="Whether it can hold every frame, not only the annotated ones.")
    frames: Sequence[FrameFiles] = Field(description="How it can hold the frames of a video, the usual way first.")
    holds_overlaps: bool = Field(description="Whether a pixel can belong to several objects.")
