"""Bodies of requests and responses about masklets."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.db.text import STORABLE
from backend.tables.states import Origin, Phase, VerdictKind, WorkState

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), STORABLE]


class MaskletCreate(BaseModel):
    """A new masklet. Without a name it is named after its number."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None


class MaskletUpdate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name


class MaskletRead(BaseModel):
    """The masks of one object through one video."""

    id: UUID
    video_id: UUID
    number: int = Field(description="1-based; never reused in a video.")
    name: str
    color_index: int = Field(description="Index into the palette, from 0.")
    phase: Phase
    origin: Origin
    verdict: VerdictKind | None = Field(description="The verdict on these masks; null while there is none.")
    work: WorkState = Field(description="Whose turn it is with the masklet.")
    version: int = Field(description="Send it in If-Match with every edit.")
    deleted: bool
    seq: int
    created_by: UUID
    model_version: str | None = Field(description="The model that made the latest of its current masks.")
