"""Bodies of requests and responses about imports."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backend.imports.video_matches import MatchedBy
from backend.jobs.schemas import JobRead
from backend.ontology.schemas import AttributeKind, AttributeScope
from backend.problems import Problem
from backend.tables.states import ImportState


class ImportStart(BaseModel):
    """Write what the preview shows."""

    model_config = ConfigDict(extra="forbid")

    then: Literal["annotate", "verify"] = Field(
        default="annotate", description="Whose turn it is with the objects: annotators go on, or verifiers judge them."
    )

    labels: Literal["classes", "names"] = Field(
        default="classes",
        description="What the dataset's labels become: the objects' classes, made where the project lacks them, or "
        "only names.",
    )
    take_attributes: bool = Field(
        default=True, description="Whether values of attributes are taken, and attributes made that the project lacks."
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
    num_classes_made: int
    num_attributes_made: int
    num_without_class: int = Field(description="Objects made whose label could not become a class.")
    num_values_left_out: int = Field(
        description="Attributes of objects and videos, counted once for each, whose values could not be taken."
    )
    created_at: datetime


class ImportClassRead(BaseModel):
    """A class that objects of the dataset have, and what it is in the project."""

    name: str
    color: str | None
    num_objects: int
    class_id: UUID | None = Field(description="Null if it will be made, or left out.")
    class_name: str | None = Field(description="What the project calls it.")
    fault: str | None = Field(description="Why it is left out; its objects are only named so.")


class ImportAttributeRead(BaseModel):
    """An attribute that the dataset has values of, and what it is in the project."""

    name: str
    scope: AttributeScope
    kind: AttributeKind
    num_values: int = Field(description="Objects and videos that have any.")
    attribute_id: UUID | None = Field(description="Null if it will be made, or left out.")
    attribute_name: str | None = Field(description="What the project calls it.")
    new_choices: list[str] = Field(description="Choices that will be added to the project's attribute.")
    fault: str | None = Field(description="Why its values are left out.")


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
    keeps_values: bool = Field(
        description="The dataset says something of the video or its frames, and so does somebody here, which stays."
    )
    fault: str | None = Field(description="Why nothing of it is imported.")


class ImportDetails(ImportRead):
    """An import with the dataset's videos; once it has ended, with those that were imported.

    Classes and attributes are those of the videos that are imported, and only listed until it is started.
    """

    videos: list[ImportVideoRead]
    classes: list[ImportClassRead]
    attributes: list[ImportAttributeRead]
