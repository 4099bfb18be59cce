"""Bodies of requests and responses about models."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backend.tables.states import ModelChangeKind


class ModelInfoRead(BaseModel):
    """The neural network that answers prompts."""

    name: str
    version: str = Field(description="First 12 hex digits of the SHA-256 of the weights.")
    config_name: str
    input_size: int
    num_parameters: int
    device: str
    precision: str
    card: str = Field(description="The model card, Markdown.")
    metrics: dict[str, Any]
    builtin: bool = Field(description="Whether it is the built-in model.")


class ProjectOfModel(BaseModel):
    """A project that chose the model."""

    id: UUID
    name: str


class ModelRead(BaseModel):
    """A model that a project can choose."""

    name: str
    version: str = Field(description="First 12 hex digits of the SHA-256 of the weights; masks have it, too.")
    digest: str = Field(description="The SHA-256 of the weights, hexadecimal.")
    config_name: str
    input_size: int
    num_parameters: int
    num_bytes: int
    origin: str
    added_at: str | None
    parent: str | None = Field(description="Version of the model from which it was trained.")
    card: str = Field(description="The model card, Markdown.")
    metrics: dict[str, Any]
    builtin: bool
    is_default: bool = Field(description="Whether projects that chose no model use it.")
    loaded: bool
    problem: str | None = Field(description="Why it cannot be used, if known.")
    limit: str | None = Field(description="What differs between the model servers, if anything does.")
    projects: list[ProjectOfModel] = Field(description="Your projects that chose it by name.")


class DefaultDecisionRead(BaseModel):
    """A decision about the default model, and who made it."""

    kind: Literal["promoted", "rolled-back"]
    model: str | None = Field(description="Null means the one in the server's settings.")
    version: str | None
    at: datetime
    by: str | None


class MissingModel(BaseModel):
    """A model name that projects chose and that is not, or no longer, in the catalogue."""

    name: str
    projects: list[ProjectOfModel]


class ModelsRead(BaseModel):
    """The catalogue, default model first."""

    default: str | None = Field(description="Null while it is loading.")
    models: list[ModelRead]
    missing: list[MissingModel]
    num_projects_on_default: int
    decisions: list[DefaultDecisionRead] = Field(description="About the default model, newest first.")
    can_roll_back: bool = Field(description="Whether there is a promotion to roll back.")


class DefaultModelBody(BaseModel):
    """The model to make the default."""

    model_config = ConfigDict(extra="forbid")

    model: str = Field(min_length=1, max_length=64)


class ModelChangeRead(BaseModel):
    """A change of a project's model. Null is the default model."""

    kind: ModelChangeKind
    before: str | None
    after: str | None
    by: str
    tuning_id: UUID | None
    created_at: datetime


class ProjectModelRead(BaseModel):
    """The model that answers a project's prompts, and its history."""

    model: str | None = Field(description="A name from the catalogue; null means the default.")
    roll_back_to: str | None = Field(description="The model that a roll back returns to; null means the default.")
    can_roll_back: bool
    changes: list[ModelChangeRead] = Field(description="Newest first.")


class ModelVersionRead(BaseModel):
    """The name of a version that made masks."""

    version: str
    name: str
