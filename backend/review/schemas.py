"""Bodies of requests and responses about verdicts and the review queue."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.db.text import STORABLE
from backend.masklets.schemas import MaskletRead
from backend.tables.states import VerdictKind

FrameIndex = Annotated[int, Field(ge=0, le=2**31 - 1)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), STORABLE]


class VerdictCreate(BaseModel):
    """A verifier's decision (SAM 2, section 5.1): satisfactory, unsatisfactory (back to annotation), or rejected."""

    model_config = ConfigDict(extra="forbid")

    verdict: VerdictKind
    reasons: list[Reason] = Field(default_factory=list, max_length=12)
    note: Annotated[str, Field(max_length=2000), STORABLE] | None = None
    frame_index: FrameIndex | None = Field(default=None, description="Where you saw what is wrong, if it is one frame.")


class PastVerdict(BaseModel):
    """A verdict that was once given, for whoever works on the masklet or judges it next."""

    id: UUID
    verdict: VerdictKind
    reasons: list[str]
    note: str | None
    frame_index: int | None
    masklet_version: int = Field(description="The version that the verifier saw.")
    verifier_id: UUID
    verifier_name: str
    withdrawn: bool
    created_at: datetime


class VerdictRead(BaseModel):
    """A recorded verdict, and the masklet after it."""

    id: UUID
    verdict: VerdictKind
    reasons: list[str]
    note: str | None
    frame_index: int | None
    masklet_version: int = Field(description="The version that the verdict is on.")
    masklet: MaskletRead


class ReviewItem(BaseModel):
    """One masklet that is waiting for a verdict."""

    masklet: MaskletRead
    video_id: UUID
    video_name: str
    num_frames: int = Field(description="Frames of the annotation grid.")
    num_annotated_frames: int = Field(description="Those that have a mask.")
    num_edited_frames: int = Field(description="Those that a person changed.")
    mean_predicted_iou: float | None
    mean_object_score: float | None
    worst_frames: list[int] = Field(description="Frame indices with the lowest predicted IoU, worst first.")
    risk: float = Field(description="0 to 1; the queue is sorted by it, highest first.")
    earlier: PastVerdict | None = Field(description="The last verdict on an earlier state of it.")
    contest: str | None = Field(description="Why its annotator contests that verdict.")
