"""Health in the API."""

from typing import Literal

from pydantic import BaseModel, Field

State = Literal["ok", "starting", "down"]


class PartHealth(BaseModel):
    status: State
    detail: str | None


class ModelServerHealth(PartHealth):
    """One of several."""

    name: str


class Readiness(BaseModel):
    """Of one backend of several."""

    status: State
    detail: str | None


class HealthRead(BaseModel):
    """`status` is ok when every part is that work cannot go on without."""

    status: State
    database: PartHealth
    model_server: PartHealth = Field(description="All of them together: ok while one answers.")
    model_servers: list[ModelServerHealth]
    jobs: PartHealth
    events: PartHealth = Field(description="Down: changes made at other backends are seen late. It stops nothing.")
    version: str
