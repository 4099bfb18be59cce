"""Opening a tracking session, and rebuilding what it knew of an object."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from model_server.contract.masks import EncodedMask, Side
from model_server.contract.prompts import FramePrompts
from model_server.contract.wire import Direction, Epoch, FrameIndex, Message, ObjectId, Token


class VideoReference(Message):
    """The video of record; `path` is absolute or relative to the data directory, and lies inside it."""

    path: str = Field(min_length=1, max_length=4096)
    width: Side
    height: Side
    num_frames: int = Field(ge=1, le=10_000_000)


class OpenSessionRequest(Message):
    """Open a tracking session; a higher epoch or another model replaces the session, a lower epoch is refused."""

    epoch: Epoch
    video: VideoReference
    model: str | None = Field(default=None, max_length=64, description="A name of the catalogue; null: the default.")


class SessionRead(Message):
    """An open tracking session; `tokens` holds the history the session has of each object."""

    session_id: str
    epoch: Epoch
    model: str
    model_version: str = Field(description="What its masks are to be marked with.")
    tokens: dict[str, str]


class ConditioningSeed(Message):
    """A frame somebody prompted or drew on. Its stored mask is taken as it is; with none stored, the prompt is run.

    `answers_prompts` says that the mask came from clicks or a box. The frame's next prompt set then refines what
    those refined, `base`, or starts from nothing as they did; otherwise it refines the mask itself.
    """

    frame_index: FrameIndex
    prompt: FramePrompts | None = None
    mask: EncodedMask | None = None
    object_score: float = Field(allow_inf_nan=False)
    answers_prompts: bool = False
    base: EncodedMask | None = None

    @model_validator(mode="after")
    def _has_something_to_seed(self) -> "ConditioningSeed":
        if self.mask is None and self.prompt is None:
            raise ValueError("a conditioning frame needs its mask or its prompt")
        if self.base is not None and not self.answers_prompts:
            raise ValueError("only a mask that answers prompts has a base")
        return self


class TrackedSeed(Message):
    """A frame whose mask came from propagation."""

    frame_index: FrameIndex
    mask: EncodedMask
    object_score: float = Field(allow_inf_nan=False)


class ReplayPrompt(Message):
    """Prompt again, exactly as it was."""

    kind: Literal["prompt"]
    frame_index: FrameIndex
    prompt: FramePrompts


class ReplayPropagation(Message):
    """Propagate again over the frames the run really reached; `skip` as in the run."""

    kind: Literal["propagate"]
    first_frame: FrameIndex
    last_frame: FrameIndex
    start_frame: FrameIndex
    direction: Direction
    skip: tuple[FrameIndex, ...] = ()


ReplayStep = Annotated[ReplayPrompt | ReplayPropagation, Field(discriminator="kind")]


class RestoreRequest(Message):
    """Give the session an object's history. With `replay`, it is run again step by step instead of seeded."""

    epoch: Epoch
    object_id: ObjectId
    token: Token
    conditioning: tuple[ConditioningSeed, ...] = ()
    tracked: tuple[TrackedSeed, ...] = ()
    replay: tuple[ReplayStep, ...] = ()


class Restored(Message):
    """How many frames (seeded) or masks (replayed) the object has now."""

    restored: int


class WarmRequest(Message):
    """Encode a frame while a person looks at it. Only the newest request of a session is kept."""

    epoch: Epoch
    frame_index: FrameIndex
