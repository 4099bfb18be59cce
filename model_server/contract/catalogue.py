"""Which models there are, which is loaded, and whether it answers."""

from typing import Any, Literal

from pydantic import Field

from model_server.contract.wire import Message

CONTRACT_VERSION = 6


class HealthRead(Message):
    """200 when `status` is ready, else 503."""

    status: Literal["loading", "ready", "failed"]
    contract_version: int
    detail: str | None
    free_bytes: int = Field(
        default=0, description="What tracking sessions may still take here; below 0 while they hold more."
    )


class ModelRead(Message):
    """The loaded network and the server's load."""

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
    """A model that sessions can be opened with."""

    name: str
    version: str = Field(description="First 12 hex digits of the SHA-256 of the weights.")
    digest: str = Field(description="The SHA-256 of the weights, hexadecimal.")
    config_name: str
    input_size: int
    num_parameters: int
    num_bytes: int
    origin: str = Field(description="Where the weights came from: an address, or the name of the file that was added.")
    added_at: str | None = Field(description="ISO 8601, UTC; null for the built-in model and one named by its path.")
    parent: str | None = Field(description="Version of the model that it was trained from.")
    card: str = Field(description="The model card, Markdown.")
    metrics: dict[str, Any]
    builtin: bool
    loaded: bool
    problem: str | None = Field(description="Why it cannot be used, as far as is known.")


class Decision(Message):
    """What became the default model, and by whom."""

    kind: Literal["promoted", "rolled-back"]
    model: str | None = Field(description="Null: the one that the server's settings name.")
    version: str | None
    at: str = Field(description="ISO 8601, UTC.")
    by: str | None


class CatalogueRead(Message):
    """Every model there is, the default one first."""

    default: str | None = Field(description="The model of sessions that name none; null until it is loaded.")
    models: tuple[CatalogueEntry, ...]
    decisions: tuple[Decision, ...] = Field(description="About the default model, newest first.")
    can_roll_back: bool = Field(description="Whether a promotion stands.")


class PromoteRequest(Message):
    """Make a model the default: sessions that name none get it from their next request on."""

    model: str = Field(max_length=64)
    by: str | None = Field(max_length=200)


class RollBackRequest(Message):
    """Return to the default before."""

    by: str | None = Field(max_length=200)
