from typing import Any

from pydantic import BaseModel, Field


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
