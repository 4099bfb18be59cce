"""Bodies of requests and responses about searches for automatic masklets."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backend.jobs.schemas import JobRead
from backend.problems import Problem
from model_server.contract.search import PointsPerSide

Share = Annotated[float, Field(ge=0, le=1)]


class AutoLabelingCreate(BaseModel):
    """Search for masklets on the first frame and on later key frames. Null options depend on the model.

    For released models these are SA-V's grids and the released generator's thresholds (SAM 2, section 5.2).
    """

    model_config = ConfigDict(extra="forbid")

    max_masklets: int = Field(default=12, ge=1, le=100, description="The most new masklets in a video, best first.")
    every_seconds: Annotated[float, Field(ge=0.5, le=600)] | None = Field(
        default=4.0, description="Between key frames, which find uncovered objects; null means only the first frame."
    )
    grids: tuple[PointsPerSide, ...] | None = Field(
        default=None,
        min_length=1,
        max_length=4,
        description="Points per side on the whole frame, on each of 2 x 2 crops, on each of 4 x 4 crops, and so on.",
    )
    min_area: Share = Field(default=0.001, description="Share of the frame; smaller masks are left out.")
    max_area: Share = Field(default=0.5, description="Share of the frame; larger masks are left out.")
    min_predicted_iou: Share | None = None
    min_stability: Share | None = None
    clean_under: int = Field(default=200, ge=0, le=100_000, description="Holes and pieces of fewer pixels are removed.")


class AutoLabelingRead(BaseModel):
    """One search of one video. Its masklets are in the review queue."""

    id: UUID
    video_id: UUID
    options: AutoLabelingCreate
    job: JobRead | None
    cancelled: bool
    problem: Problem | None
    num_masklets: int = Field(description="Masklets kept so far.")
    created_at: datetime
