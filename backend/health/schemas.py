"""Bodies of responses about health."""

from typing import Literal

from pydantic import BaseModel, Field

State = Literal["ok", "starting", "down"]


class PartHealth(BaseModel):
    status: State
    detail: str | None


class ModelServerHealth(PartHealth):
    """The health of one model server."""

    name: str


class DecoderHealth(BaseModel):
    """The walls around the decoders of uploads."""

    status: Literal["ok", "exposed"] = Field(description="Exposed if a malicious file could reach more than itself.")
    warnings: list[str] = Field(description="Which walls are missing, and what to do about it.")


class Readiness(BaseModel):
    """The readiness of this one backend."""

    status: State
    detail: str | None


class HealthRead(BaseModel):
    """The health of the system. `status` is ok if every part that work depends on is."""

    status: State
    database: PartHealth
    model_server: PartHealth = Field(description="All of them together; ok while one answers.")
    model_servers: list[ModelServerHealth]
    jobs: PartHealth
    disk: PartHealth = Field(description="Down while a disk of the data folder is full; saving goes on when it is not.")
    events: PartHealth = Field(description="While down, changes made at other backends are seen late.")
    decoder: DecoderHealth = Field(description="Not part of `status`: work goes on, but less safely.")
    version: str
