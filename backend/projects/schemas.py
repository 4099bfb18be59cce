"""What a project is made of, in the API."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.auth.permissions import Permission
from backend.db.text import STORABLE
from backend.tables.project import DEFAULT_LONG_SIDE, DEFAULT_STRIDE
from backend.tables.states import Phase, Role

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), STORABLE]
Stride = Annotated[int, Field(ge=1, le=100)]
LongSide = Annotated[int, Field(ge=64, le=4096)]


Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64), STORABLE]
ModelName = Annotated[str, StringConstraints(min_length=1, max_length=64), STORABLE]


class VideoAttribute(BaseModel):
    """Something to be known of every video, such as the skin tone group of the people in it, and its values."""

    model_config = ConfigDict(extra="forbid")

    key: Label
    values: list[Label] = Field(min_length=1, max_length=50)
    required: bool = Field(description="An annotate task is not submitted without it.")


Attributes = Annotated[list[VideoAttribute], Field(max_length=20)]
Percent = Annotated[int, Field(ge=0, le=100, description="Of the sources of its videos; what is left is train.")]
EditedFrames = Annotated[int, Field(ge=0, le=1000, description="A masklet with fewer is too easy to be exported.")]


class ProjectCreate(BaseModel):
    """`stride`: every stride-th frame is annotated. `long_side`: pixels; larger videos are scaled down."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    stride: Stride = DEFAULT_STRIDE
    long_side: LongSide = DEFAULT_LONG_SIDE
    phase: Phase = Phase.sam2
    model: ModelName | None = None
    select_first: bool = Field(default=False, description="Objects are chosen in a task of its own, on one frame.")
    separate_verifiers: bool = Field(default=True, description="Nobody verifies their own work, once there are two.")
    is_sample: bool = False


class ProjectUpdate(BaseModel):
    """Stride and size are for videos to come, the phase for masklets to come, the model (null: the default) at once."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    stride: Stride | None = None
    long_side: LongSide | None = None
    phase: Phase | None = None
    model: ModelName | None = None
    select_first: bool | None = None
    separate_verifiers: bool | None = None
    min_edited_frames: EditedFrames | None = None
    needs_environment: bool | None = None
    attributes: Attributes | None = None
    val_percent: Percent | None = None
    test_percent: Percent | None = None


class ProjectRead(BaseModel):
    id: UUID
    name: str
    stride: int
    long_side: int
    phase: Phase
    model: str | None = Field(description="A name of the catalogue; null: the default.")
    select_first: bool
    separate_verifiers: bool
    min_edited_frames: int = Field(description="A masklet with fewer edited frames is too easy to be exported.")
    needs_environment: bool = Field(description="An annotate task is not submitted without the video's environment.")
    attributes: list[VideoAttribute]
    val_percent: int = Field(description="Of the sources of its videos; what val and test leave is train.")
    test_percent: int
    is_sample: bool
    num_videos: int
    num_masklets: int
    num_verified: int
    poster_video_id: UUID | None
    my_role: Role | None = Field(description="The reader's; an administrator may have none.")
    allowed: list[Permission] = Field(description="What the reader may do here.")
    created_at: datetime
