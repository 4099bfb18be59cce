"""Bodies of requests and responses about exports."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backend.jobs.schemas import JobRead
from backend.problems import Problem
from backend.tables.states import JobState


class ExportCreate(BaseModel):
    """Export the project as a dataset. Rejected and empty masklets are left out."""

    model_config = ConfigDict(extra="forbid")

    format: str = Field(max_length=40)
    only_satisfactory: bool = False
    every_frame: bool = Field(default=False, description="Every frame of the video, not only the annotated ones.")


class ExportRead(BaseModel):
    """An export, in progress or finished."""

    id: UUID
    project_id: UUID
    format: str
    only_satisfactory: bool
    every_frame: bool
    state: JobState
    job: JobRead | None
    problem: Problem | None
    num_videos: int
    num_masklets: int
    size_bytes: int | None
    report: dict[str, Any] | None
    download_url: str | None
    expired: bool = Field(description="Its file was deleted for its age; the report stays.")
    created_at: datetime


class ExportFormatRead(BaseModel):
    """A layout in which datasets can be written."""

    name: str
    title: str
    loses: str = Field(description="What it cannot hold, in one sentence.")
    every_frame: bool = Field(description="Whether it can hold every frame, not only the annotated ones.")
