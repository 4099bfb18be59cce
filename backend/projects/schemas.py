"""Bodies of requests and responses about projects."""

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


ModelName = Annotated[str, StringConstraints(min_length=1, max_length=64), STORABLE]


Percent = Annotated[int, Field(ge=0, le=100, description="Percentage of the videos' sources; the rest is train.")]
EditedFrames = Annotated[int, Field(ge=0, le=1000, description="Masklets with fewer edited frames are not exported.")]


class ProjectCreate(BaseModel):
    """Every `stride`-th frame is annotated. Videos whose longer side exceeds `long_side` pixels are scaled down."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    stride: Stride = DEFAULT_STRIDE
    long_side: LongSide = DEFAULT_LONG_SIDE
    phase: Phase = Phase.sam2
    model: ModelName | None = None
    select_first: bool = Field(default=False, description="Objects are first selected, in a separate task.")
    separate_verifiers: bool = Field(default=True, description="Nobody verifies their own work, if there are others.")
    is_sample: bool = False


class ProjectUpdate(BaseModel):
    """Stride and size apply to future videos, the phase to future masklets, and the model (null: default) at once."""

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
    val_percent: Percent | None = None
    test_percent: Percent | None = None


class DiskUse(BaseModel):
    """What a project takes, in bytes. Masks are in the database, and the rest are files."""

    videos: int = Field(description="Videos of record, with their pictures and frame tables.")
    uploads: int = Field(description="Uploaded files that were kept, or are being ingested.")
    exports: int
    masks: int = Field(description="Run lengths of all stored masks, those that undo may bring back included.")


class ProjectRead(BaseModel):
    id: UUID
    name: str
    stride: int
    long_side: int
    phase: Phase
    model: str | None = Field(description="A name from the catalogue; null means the default.")
    select_first: bool
    separate_verifiers: bool
    min_edited_frames: int = Field(description="Masklets with fewer edited frames are not exported.")
    needs_environment: bool = Field(description="An annotate task cannot be submitted without it.")
    val_percent: int = Field(description="Percentage of the videos' sources; the rest is train.")
    test_percent: int
    is_sample: bool
    num_videos: int
    num_masklets: int
    num_verified: int
    poster_video_id: UUID | None
    my_role: Role | None = Field(description="Your role; null for an administrator who is not a member.")
    allowed: list[Permission] = Field(description="Your permissions in this project.")
    created_at: datetime
