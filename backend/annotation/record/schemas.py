"""Bodies of annotation requests and responses."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.masklets.schemas import MaskletRead
from backend.tables.states import ActionKind, Direction, MaskSource, RunState
from model_server.contract.masks import EncodedMask
from model_server.contract.prompts import BoxPrompt, Candidate, ClickPrompt

Prompt = ClickPrompt | BoxPrompt
"""One thing a person can ask on a frame. Wherever kinds are told apart, `assert_never` ends the match."""

FrameIndex = Annotated[int, Field(ge=0, le=2**31 - 1, description="0-based index in the video of record.")]


class PromptSetWrite(BaseModel):
    """The whole prompt set of one frame; it replaces what the frame had. Pixels of the video of record.

    `candidate` chooses among the model's three candidates for the first click. A single click is answered with it;
    further clicks refine it. Null leaves the choice to the model.
    """

    model_config = ConfigDict(extra="forbid")

    clicks: Annotated[list[ClickPrompt], Field(max_length=1000)] = []
    box: BoxPrompt | None = None
    candidate: Candidate | None = None

    @model_validator(mode="after")
    def _chooses_among_candidates(self) -> "PromptSetWrite":
        if self.candidate is not None and (not self.clicks or self.box is not None):
            raise ValueError("only a click has candidates; without clicks, or with a box, there is no choice")
        return self

    def prompts(self) -> list[Prompt]:
        """Everything the person asked, in the order of the fields."""
        return [*self.clicks, *([] if self.box is None else [self.box])]


class MaskWrite(BaseModel):
    """A mask drawn by hand. `absent`, or a mask without pixels, says that the object is not in this frame."""

    model_config = ConfigDict(extra="forbid")

    mask: EncodedMask
    tool: Literal["brush", "eraser", "absent"]


class LockWrite(BaseModel):
    """Lock frames [first_frame, last_frame] of a masklet, or unlock them."""

    model_config = ConfigDict(extra="forbid")

    first_frame: FrameIndex
    last_frame: FrameIndex
    locked: bool


class RunCreate(BaseModel):
    """Propagate masklets from `start_frame` through [first_frame, last_frame], which default to the whole video."""

    model_config = ConfigDict(extra="forbid")

    masklet_ids: list[UUID] = Field(min_length=1, max_length=100)
    start_frame: FrameIndex
    first_frame: FrameIndex | None = None
    last_frame: FrameIndex | None = None
    direction: Direction


class HistoryStep(BaseModel):
    """The action to undo or redo."""

    model_config = ConfigDict(extra="forbid")

    action_id: UUID


class WarmFrame(BaseModel):
    """A frame worth encoding ahead."""

    model_config = ConfigDict(extra="forbid")

    frame_index: FrameIndex


class PromptSetRead(BaseModel):
    """The prompt set of one frame."""

    clicks: list[ClickPrompt]
    box: BoxPrompt | None
    candidate: int | None = Field(description="The chosen candidate of the first click, 0 to 2.")


class FrameMaskRead(BaseModel):
    """The current mask of a masklet on a frame, as COCO run lengths of the whole frame."""

    id: UUID
    size: tuple[int, int] = Field(description="(height, width)")
    counts: str
    area: int = Field(description="Pixels; 0 means that the object is absent.")
    box: tuple[int, int, int, int] | None = Field(description="(x, y, width, height)")
    source: MaskSource
    predicted_iou: float | None
    object_score: float | None = Field(description="Logit; positive means visible.")
    stability: float | None
    candidate: int | None = Field(
        description="Which of the model's three candidates this is, 0 to 2; null where it had no choice."
    )
    model_version: str | None
    run_id: UUID | None
    created_at: datetime


class FrameStateRead(BaseModel):
    """What holds for a masklet on a frame. A null mask means unknown, never tracked. Nothing changes a locked frame."""

    masklet_id: UUID
    frame_index: int
    seq: int
    prompts: PromptSetRead | None
    mask: FrameMaskRead | None
    locked: bool


class RunRead(BaseModel):
    """One propagation."""

    id: UUID
    video_id: UUID
    masklet_ids: list[UUID]
    direction: Direction
    start_frame: int
    first_frame: int
    last_frame: int
    state: RunState
    done: int = Field(description="(masklet, frame) results so far.")
    total: int
    frames_per_second: float | None
    eta_seconds: float | None
    seq: int
    problem: dict[str, Any] | None


class ActionRef(BaseModel):
    """One step of the history."""

    id: UUID
    kind: ActionKind
    masklet_id: UUID | None


class History(BaseModel):
    """What undo and redo would do next."""

    undo: ActionRef | None
    redo: ActionRef | None


class Changes(BaseModel):
    """Everything of a video that changed after a sequence number, as state: applying it twice is harmless."""

    seq: int = Field(description="Ask for what comes after this next.")
    more: bool = Field(description="Whether more can be fetched at once.")
    masklets: list[MaskletRead]
    frames: list[FrameStateRead]
    runs: list[RunRead]
    history: History


class EditRead(BaseModel):
    """A frame and its masklet after an edit."""

    frame: FrameStateRead
    masklet: MaskletRead
    action_id: UUID
