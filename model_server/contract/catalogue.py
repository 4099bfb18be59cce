"""Messages about models: the catalogue, the default model, and whether the server is ready."""

from typing import Annotated, Literal

from pydantic import Field

from model_server.contract.wire import Count, Document, Message, Metrics, Name, Seconds, Version, Words

CONTRACT_VERSION = 8
"""Raised whenever a message changes; a backend works only with servers of its own version."""

MAX_MODELS = 10_000
MAX_DECISIONS = 1_000


class HealthRead(Message):
    """The server's state; sent with status 200 when `status` is ready, else with 503."""

    status: Literal["loading", "ready", "failed"]
    contract_version: Count
    detail: Words | None
    free_bytes: int = Field(
        default=0,
        ge=-(2**53),
        le=2**53,
        description="Memory left for tracking sessions; negative while they exceed the budget.",
    )
    num_waiting: Count = Field(default=0, description="Requests and steps of runs that wait for the device.")
    busy_seconds: Seconds = Field(default=0.0, description="How long the device has been on the step at hand.")


class ModelRead(Message):
    """The default model and the server's load."""

    name: Name
    version: Version
    config_name: Name
    input_size: Count
    num_parameters: Count
    device: Name
    precision: Name
    card: Document = Field(description="The model card, Markdown.")
    metrics: Metrics
    contract_version: Count
    sessions: Count
    memory_bytes: Count


class CatalogueEntry(Message):
    """A model that tracking sessions can use."""

    name: Name
    version: Version
    digest: str = Field(max_length=64, description="The SHA-256 of the weights, hexadecimal.")
    config_name: Name
    input_size: Count
    num_parameters: Count
    num_bytes: Count
    origin: Words = Field(description="Where the weights came from: a URL, or the name of the file that was added.")
    added_at: str | None = Field(
        max_length=64, description="ISO 8601, UTC; null for the built-in model and one given by path."
    )
    parent: Name | None = Field(description="Version of the model this one was fine-tuned from.")
    card: Document = Field(description="The model card, Markdown.")
    metrics: Metrics
    builtin: bool
    loaded: bool
    problem: Words | None = Field(description="Why it cannot be used, if that is known.")


class DecisionRead(Message):
    """A change of the default model: to what, when and by whom."""

    kind: Literal["promoted", "rolled-back"]
    model: Name | None = Field(description="Null: the model named by the server's settings.")
    version: Version | None
    at: str = Field(max_length=64, description="ISO 8601, UTC.")
    by: Name | None


class CatalogueRead(Message):
    """All models, the default one first."""

    default: Name | None = Field(description="The model of sessions that name none; null until it is loaded.")
    models: Annotated[tuple[CatalogueEntry, ...], Field(max_length=MAX_MODELS)]
    decisions: tuple[DecisionRead, ...] = Field(
        max_length=MAX_DECISIONS, description="The latest changes of the default model, newest first."
    )
    can_roll_back: bool = Field(description="Whether there is a promotion to undo.")


class PromoteRequest(Message):
    """Make a model the default: sessions that name none use it from their next request on."""

    model: str = Field(max_length=64)
    by: str | None = Field(max_length=200)


class RollBackRequest(Message):
    """Return to the previous default model."""

    by: str | None = Field(max_length=200)
