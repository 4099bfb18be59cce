"""Messages about models: the catalogue, the default model, and whether the server is ready."""

from typing import Any, Literal

from pydantic import Field

from model_server.contract.wire import Message

CONTRACT_VERSION = 8
"""Raised whenever a message changes; a backend works only with servers of its own version."""


class HealthRead(Message):
    """The server's state; sent with status 200 when `status` is ready, else with 503."""

    status: Literal["loading", "ready", "failed"]
    contract_version: int
    detail: str | None
    free_bytes: int = Field(
        default=0, description="Memory left for tracking sessions; negative while they exceed the budget."
    )
    num_waiting: int = Field(default=0, description="Requests and steps of runs that wait for the device.")
    busy_seconds: float = Field(default=0.0, description="How long the device has been on the step at hand.")


class ModelRead(Message):
    """The default model and the server's load."""

    name: str
    version: str = Field(description="First 12 hex digits of the SHA-256 of the weights.")
    config_name: str
    input_size: int
    num_parameters: int
    device: str
    precision: str
    card: str = Field(description="The model card, Markdown.")
    metrics: dict[str, Any]
    contract_version: int
    sessions: int
    memory_bytes: int


class CatalogueEntry(Message):
    """A model that tracking sessions can use."""

    name: str
    version: str = Field(description="First 12 hex digits of the SHA-256 of the weights.")
    digest: str = Field(description="The SHA-256 of the weights, hexadecimal.")
    config_name: str
    input_size: int
    num_parameters: int
    num_bytes: int
    origin: str = Field(description="Where the weights came from: a URL, or the name of the file that was added.")
    added_at: str | None = Field(description="ISO 8601, UTC; null for the built-in model and one given by path.")
    parent: str | None = Field(description="Version of the model this one was fine-tuned from.")
    card: str = Field(description="The model card, Markdown.")
    metrics: dict[str, Any]
    builtin: bool
    loaded: bool
    problem: str | None = Field(description="Why it cannot be used, if that is known.")


class DecisionRead(Message):
    """A change of the default model: to what, when and by whom."""

    kind: Literal["promoted", "rolled-back"]
    model: str | None = Field(description="Null: the model named by the server's settings.")
    version: str | None
    at: str = Field(description="ISO 8601, UTC.")
    by: str | None


class CatalogueRead(Message):
    """All models, the default one first."""

    default: str | None = Field(description="The model of sessions that name none; null until it is loaded.")
    models: tuple[CatalogueEntry, ...]
    decisions: tuple[DecisionRead, ...] = Field(description="Changes of the default model, newest first.")
    can_roll_back: bool = Field(description="Whether there is a promotion to undo.")


class PromoteRequest(Message):
    """Make a model the default: sessions that name none use it from their next request on."""

    model: str = Field(max_length=64)
    by: str | None = Field(max_length=200)


class RollBackRequest(Message):
    """Return to the previous default model."""

    by: str | None = Field(max_length=200)
