"""Bodies of requests and responses about imports."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backend.imports.video_matches import MatchedBy
from backend.jobs.schemas import JobRead
from backend.problems import Problem
from backend.tables.states import ImportState


class ImportStart(BaseModel):
    """Write what the preview shows."""

    model_config = ConfigDict(extra="forbid")

    then: Literal["annotate", "verify"] = Field(
        default="annotate", description="Whose turn it is with the objects: annotators go on, or verifiers judge them."
    )


class ImportMatch(BaseModel):
    """A person's choice of the video that is meant."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(max_length=400)
    video_id: UUID | None = Field(description="Null leaves the dataset's video out.")


class ImportRead(BaseModel):
    """An import. While it is ready it waits for a person, who may still change which videos are meant."""

    id: UUID
    project_id: UUID
    file_name: str
    size_bytes: int
    format: str | None
    title: str | None = Field(description="The layout's name for people.")
    state: ImportState
    job: JobRead | None
    problem: Problem | None
    num_videos: int = Field(description="Of the dataset.")
    num_objects: int
    num_masks: int
    num_made: int = Field(description="Objects that were made.")
    num_kept: int = Field(
        description="Of these, those that stayed when the import was undone: somebody worked on them."
    )
    created_at: datetime


class ImportVideoRead(BaseModel):
    """A video of a dataset, and what becomes of it."""

    key: str
    name: str
    num_objects: int
    num_masks: int
    num_frames: int = Field(description="Frames of the dataset.")
    num_never_visible: int = Field(description="Objects without a pixel, which are left out.")
    objects: list[str] = Field(description="Names of the first objects; empty where the dataset has none.")
    video_id: UUID | None
    video_name: str | None
    matched_by: MatchedBy | None
    num_objects_here: int = Field(description="Objects that the video here has already.")
    fault: str | None = Field(description="Why nothing of it is imported.")


class ImportDetails(ImportRead):
    """An import with the dataset's videos; once it has ended, with those that were imported."""

    videos: list[ImportVideoRead]
