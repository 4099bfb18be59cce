"""Bodies of annotation requests and responses."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from backend.masklets.schemas import MaskletRead
from backend.tables.states import ActionKind, Direction, MaskSource, RunState
from model_server.contract.masks import EncodedMask
from model_server.contract.prompts import MAX_CLICKS, BoxPrompt, Candidate, ClickPrompt

Prompt = ClickPrompt | BoxPrompt
"""One prompt on a frame. Every `match` over its kinds ends in `assert_never`."""

MOST_COUNTS = 500_000
"""Characters of a drawn mask's run lengths. Those of a very ragged object in a 4K frame have a tenth of it."""

FrameIndex = Annotated[int, Field(ge=0, le=2**31 - 1, description="0-based index in the video of record.")]


class PromptSetWrite(BaseModel):
    """The whole prompt set of one frame, in pixels of the video of record. It replaces the frame's prompts.

    `candidate` chooses one of the model's three candidates for the first click: the mask of a single click, which
    further clicks refine. Null leaves the choice to the model.
    """

    model_config = ConfigDict(extra="forbid")

    clicks: Annotated[list[ClickPrompt], Field(max_length=MAX_CLICKS)] = []
    box: BoxPrompt | None = None
    candidate: Candidate | None = None

    @model_validator(mode="after")
    def _chooses_among_candidates(self) -> "PromptSetWrite":
        if self.candidate is not None and (not self.clicks or self.box is not None):
            raise ValueError("only a click has candidates; without clicks, or with a box, there is no choice")
        return self

    def prompts(self) -> list[Prompt]:
        """All prompts of the set, in the order of the fields."""
        return [*self.clicks, *([] if self.box is None else [self.box])]


def _is_drawable(mask: EncodedMask) -> EncodedMask:
    """The mask, unless it is nothing that a person draws: checking it would keep others waiting."""
    if len(mask.counts) > MOST_COUNTS:
        raise ValueError(f"too intricate: the run lengths of a mask may have {MOST_COUNTS:,} characters at most")
    return mask


class MaskWrite(BaseModel):
    """A mask drawn by hand. `absent`, or a mask without pixels, means that the object is absent from this frame."""

    model_config = ConfigDict(extra="forbid")

    mask: Annotated[EncodedMask, AfterValidator(_is_drawable)]
    tool: Literal["brush", "eraser", "absent"]


class LockWrite(BaseModel):
    """Lock frames [first_frame, last_frame] of a masklet, or unlock them."""

    model_config = ConfigDict(extra="forbid")

    first_frame: FrameIndex
    last_frame: FrameIndex
    locked: bool


class RunCreate(BaseModel):
    """Propagate masklets from `start_frame` through [first_frame, last_frame], which default to the whole video.

    Those that cannot be carried are left out, and the run tells why; it is refused only if none can be.
    """

    model_config = ConfigDict(extra="forbid")

    masklet_ids: list[UUID] = Field(min_length=1, max_length=10_000)
    start_frame: FrameIndex
    first_frame: FrameIndex | None = None
    last_frame: FrameIndex | None = None
    direction: Direction


class HistoryStep(BaseModel):
    """The action to undo or redo."""

    model_config = ConfigDict(extra="forbid")

    action_id: UUID


class WarmFrame(BaseModel):
    """A frame to encode ahead of time."""

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
        description="Which of the model's three candidates this is, 0 to 2; null if there was only one mask."
    )
    model_version: str | None
    run_id: UUID | None
    built_on: int | None = Field(
        description="Of a propagated mask: the sum of the first 32 bits of the ids of the masks it was carried from, "
        "which are those of its masklet that no propagation made. If theirs is another now, it is out of date.",
    )
    created_at: datetime


class FrameStateRead(BaseModel):
    """The state of a masklet on a frame. A null mask means unknown: never tracked. A locked frame cannot change.

    `problem` tells why the model could not answer the frame's prompts. They are not asked again until they change.
    """

    masklet_id: UUID
    frame_index: int
    seq: int
    prompts: PromptSetRead | None
    mask: FrameMaskRead | None
    locked: bool
    problem: dict[str, Any] | None


class LeftOut(BaseModel):
    """An object that a propagation does not carry, or no longer, and why."""

    masklet_id: UUID
    slug: str = Field(description="Of the problem, such as `nothing-to-propagate`.")
    detail: str


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
    left_out: list[LeftOut]


class ActionRef(BaseModel):
    """One step of the history."""

    id: UUID
    kind: ActionKind
    masklet_id: UUID | None


class History(BaseModel):
    """The next actions of your own to undo and to redo."""

    undo: ActionRef | None
    redo: ActionRef | None
    undo_limit: str | None = Field(description="Why undo stops here, although you did something before.")
    redo_limit: str | None = Field(description="Why redo stops here, although you undid something before.")


class Changes(BaseModel):
    """What changed in a video after a sequence number, in its present state; applying it twice is harmless."""

    seq: int = Field(description="The sequence number to continue from.")
    more: bool = Field(description="Whether there are more changes to fetch now.")
    masklets: list[MaskletRead]
    frames: list[FrameStateRead]
    runs: list[RunRead]
    history: History | None = Field(description="Yours; null in the event stream, which all who follow a video share.")


class EditRead(BaseModel):
    """A frame and its masklet after an edit."""

    frame: FrameStateRead
    masklet: MaskletRead
    action_id: UUID
