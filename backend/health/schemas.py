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
    events: PartHealth = Field(description="While down, changes made at other backends are seen late.")
    version: str
