from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.auth.authorization import Action
from backend.db.text import STORABLE
from backend.tables.states import Phase, Role

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), STORABLE]
Stride = Annotated[int, Field(ge=1, le=100)]
LongSide = Annotated[int, Field(ge=64, le=4096)]


ModelName = Annotated[str, StringConstraints(min_length=1, max_length=64), STORABLE]


class ProjectCreate(BaseModel):
    """`stride`: every stride-th frame is annotated. `long_side`: pixels; larger videos are scaled down."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    stride: Stride = 4
    long_side: LongSide = 1920
    phase: Phase = Phase.sam2
    model: ModelName | None = None
    is_sample: bool = False


class ProjectUpdate(BaseModel):
    """Stride and size apply to videos uploaded from now on, the model (null: the default) to what is asked then."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    stride: Stride | None = None
    long_side: LongSide | None = None
    model: ModelName | None = None


class ProjectRead(BaseModel):
    id: UUID
    name: str
    stride: int
    long_side: int
    phase: Phase
    model: str | None = Field(description="A name of the catalogue; null: the default.")
    is_sample: bool
    num_videos: int
    num_masklets: int
    num_verified: int
    poster_video_id: UUID | None
    my_role: Role | None = Field(description="The reader's; an administrator may have none.")
    allowed: list[Action] = Field(description="What the reader may do here.")
    created_at: datetime
