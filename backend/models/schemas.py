"""Models in the API."""

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
    builtin: bool = Field(description="Whether it is the model that comes with Maskloom.")


class ProjectOfModel(BaseModel):
    """A project that chose the model."""

    id: UUID
    name: str


class ModelRead(BaseModel):
    """A model that a project can choose."""

    name: str
    version: str = Field(description="First 12 hex digits of the SHA-256 of the weights: what masks are marked with.")
    digest: str = Field(description="The SHA-256 of the weights, hexadecimal.")
    config_name: str
    input_size: int
    num_parameters: int
    num_bytes: int
    origin: str
    added_at: str | None
    parent: str | None = Field(description="Version of the model that it was trained from.")
    card: str = Field(description="The model card, Markdown.")
    metrics: dict[str, Any]
    builtin: bool
    is_default: bool = Field(description="Whether projects that chose none use it.")
    loaded: bool
    problem: str | None = Field(description="Why it cannot be used, as far as is known.")
    limit: str | None = Field(description="What differs between the model servers, if anything does.")
    projects: list[ProjectOfModel] = Field(description="Those that chose it by name.")


class DefaultDecisionRead(BaseModel):
    """What became the default model, and by whom."""

    kind: Literal["promoted", "rolled-back"]
    model: str | None = Field(description="Null: the one that the server's settings name.")
    version: str | None
    at: datetime
    by: str | None


class MissingModel(BaseModel):
    """A name that projects chose and that no model has, or has no longer."""

    name: str
    projects: list[ProjectOfModel]


class ModelsRead(BaseModel):
    """The catalogue, the default model first."""

    default: str | None = Field(description="Null while it is being loaded.")
    models: list[ModelRead]
    missing: list[MissingModel]
    num_projects_on_default: int
    decisions: list[DefaultDecisionRead] = Field(description="About the default model, newest first.")
    can_roll_back: bool = Field(description="Whether a promotion of the default model stands.")


class DefaultModelBody(BaseModel):
    """Which model projects use that chose none."""

    model_config = ConfigDict(extra="forbid")

    model: str = Field(min_length=1, max_length=64)


class ModelChangeRead(BaseModel):
    """A project's model became another; null is the default."""

    kind: ModelChangeKind
    before: str | None
    after: str | None
    by: str
    tuning_id: UUID | None
    created_at: datetime


class ProjectModelRead(BaseModel):
    """What a project's prompts are answered by, and how it came to that."""

    model: str | None = Field(description="A name of the catalogue; null: the default.")
    roll_back_to: str | None = Field(description="What a roll back returns to; null: the default.")
    can_roll_back: bool
    changes: list[ModelChangeRead] = Field(description="Newest first.")


class ModelVersionRead(BaseModel):
    """What a version that made masks was called."""

    version: str
    name: str
