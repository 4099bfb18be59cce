"""Bodies of requests and responses about studies."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.db.text import STORABLE
from backend.tables.states import Phase, StudyState, TaskState

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), STORABLE]


class StudyCreate(BaseModel):
    """Selected objects, each with a mask on at least one frame, and the people who annotate all of them."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    selected_ids: list[UUID] = Field(min_length=1, max_length=1000, description="Masklets; participants get copies.")
    user_ids: list[UUID] = Field(min_length=1, max_length=100)
    phases: list[Phase] = Field(default=list(Phase), min_length=1, max_length=3)


class ArmRead(BaseModel):
    """One object assigned to one person."""

    user_id: UUID
    user_name: str
    selected_id: UUID
    selected_name: str
    video_id: UUID
    video_name: str
    phase: Phase
    position: int = Field(description="0-based position in this person's work.")
    masklet_id: UUID | None = Field(description="Their own copy; null until the study starts.")
    task_state: TaskState | None
    num_frames: int = Field(description="Frames of the annotation grid that have a mask.")


class StudyRead(BaseModel):
    """A study and its progress."""

    id: UUID
    project_id: UUID
    name: str
    state: StudyState
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    num_done: int = Field(description="Arms that have been submitted.")
    num_arms: int


class StudyDetails(StudyRead):
    arms: list[ArmRead]


class ObjectChoice(BaseModel):
    """A masklet that can be selected for a study."""

    masklet_id: UUID
    name: str
    video_name: str


class PersonChoice(BaseModel):
    user_id: UUID
    name: str


class StudyChoices(BaseModel):
    """The objects and people that a study of the project can include."""

    objects: list[ObjectChoice]
    people: list[PersonChoice]
