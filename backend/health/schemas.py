from typing import Literal

from pydantic import BaseModel

State = Literal["ok", "starting", "down"]


class PartHealth(BaseModel):
    status: State
    detail: str | None


class HealthRead(BaseModel):
    """`status` is ok when every part is."""

    status: State
    database: PartHealth
    model_server: PartHealth
    jobs: PartHealth
    version: str
