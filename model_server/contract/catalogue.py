"""Which model is loaded, and whether it answers."""

from typing import Any, Literal

from pydantic import Field

from model_server.contract.wire import Message

CONTRACT_VERSION = 2


class HealthRead(Message):
    """200 when `status` is ready, else 503."""

    status: Literal["loading", "ready", "failed"]
    contract_version: int
    detail: str | None


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
