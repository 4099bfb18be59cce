"""Bodies of requests and responses about tunings."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.problems import Problem
from backend.tables.states import TuningDecision

NewModelName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=64)]


class TuningState(StrEnum):
    queued = "queued"
    running = "running"
    done = "done"
    cancelled = "cancelled"
    failed = "failed"


class TuningVideo(BaseModel):
    """A video with satisfactory masklets, and whether it is held out."""

    id: UUID
    name: str
    num_masklets: int
    held_out: bool = Field(description="Whether it is used for comparison and never for training.")


class TuningPlan(BaseModel):
    """What a tuning of the project would use if it were started now."""

    videos: list[TuningVideo]
    num_masklets: int
    num_training: int = Field(description="Videos.")
    num_held_out: int = Field(description="Videos.")
    base_model: str
    base_version: str
    suggested_name: str
    num_steps: int = Field(description="The suggested number.")
    estimated_seconds_per_step: float | None = Field(description="Total time / steps; null if it cannot be estimated.")
    problem: Problem | None = Field(description="Why it cannot be started, if so.")


class TuningCreate(BaseModel):
    """Train the project's model on its satisfactory masklets."""

    model_config = ConfigDict(extra="forbid")

    name: NewModelName
    num_steps: int = Field(default=200, ge=1, le=100_000)


class TuningProgressRead(BaseModel):
    """The progress of the current stage."""

    stage: Literal["exporting", "preparing", "judging-old", "training", "judging-new"]
    done: int
    total: int
    loss: float | None
    seconds_left: float | None = Field(description="Of the whole tuning; null if it cannot be estimated.")


class ComparisonRead(BaseModel):
    """One measure of the old and the new model on the held-out videos."""

    measure: str
    old: float
    new: float
    better: Literal["more", "fewer"]


class PersonRead(BaseModel):
    id: UUID
    name: str


class TuningRead(BaseModel):
    """A tuning, in progress or finished."""

    id: UUID
    project_id: UUID
    name: str
    state: TuningState
    base_model: str
    base_version: str
    version: str | None = Field(description="Of the new model, once it exists.")
    num_steps: int
    num_masklets: int
    num_training: int = Field(description="Videos.")
    num_held_out: int = Field(description="Videos.")
    progress: TuningProgressRead | None
    problem: Problem | None
    comparison: list[ComparisonRead] | None
    decision: TuningDecision | None
    created_by: PersonRead
    created_at: datetime
    finished_at: datetime | None


class DecisionBody(BaseModel):
    """Use the new model in the project, or keep the old one."""

    model_config = ConfigDict(extra="forbid")

    decision: TuningDecision
